import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { testHost } from '../real-host.ts'
import { backupOf, lineOf } from '../replay/world.ts'

/** What came, and what is done before an answer goes. */
const seen = new Map<number, number>()
let before = async (_numbers: readonly number[]): Promise<number> => 200
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  const numbers = Array.from(
    Buffer.concat(parts)
      .toString()
      .matchAll(/"spanId":"(\d+)"/g),
    ([, digits]) => Number(digits),
  )
  const status = await before(numbers)
  if (status === 200) for (const number of numbers) seen.set(number, (seen.get(number) ?? 0) + 1)
  response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
})
const root = mkdtempSync(join(tmpdir(), 'failoverctl-files-'))
let url: string
let folder: string
let tests = 0

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  seen.clear()
  before = async () => 200
  folder = join(root, String(++tests))
  mkdirSync(folder)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true, force: true })
})

async function run(...flags: string[]) {
  const host = testHost()
  const exit = await main(['replay', folder, '--endpoint', url, '--quiet-for', '0s', '--json', '--quiet', ...flags], host)
  await host.network.close()
  return { exit, err: host.printed.err, summary: host.printed.out === '' ? undefined : JSON.parse(host.printed.out) }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const at = (name: string) => join(folder, name)
const write = (name: string, text: string) => writeFileSync(at(name), text)
const once1 = (count: number) => numbers(count).map(() => 1)
const times = (count: number) => numbers(count).map(number => seen.get(number) ?? 0)

test('names with spaces, newlines, quotes and glob signs', async () => {
  const names = ['a b.jsonl', 'new\nline.jsonl', `quo'te".jsonl`, 'sta*r[1].jsonl', 'ü-2026-11-21T03-12-32.726.jsonl']
  for (const [index, name] of names.entries()) write(name, backupOf([index + 1]))
  const { exit, summary } = await run()
  expect([exit, summary.files.moved, times(5)]).toEqual([0, 5, once1(5)])
  expect(readdirSync(at('processed')).sort()).toEqual([...names].sort())
})

// Where a file system takes no name that is not UTF-8, there is nothing to be told.
test.skipIf(process.platform !== 'linux')('a name that is not UTF-8 is told, and the others are sent', async () => {
  write('traces.jsonl', backupOf([1]))
  writeFileSync(Buffer.concat([Buffer.from(at('bad')), Buffer.from([0xff])]), backupOf([2]))
  const { exit, summary } = await run()
  expect([exit, times(2), summary.unreadable]).toEqual([
    3,
    [1, 0],
    [{ path: at('bad\ufffd'), note: 'its name is not UTF-8: rename it' }],
  ])
})

test('a link stays where it is, as does what it leads to, and a link to a folder is told', async () => {
  mkdirSync(join(folder, 'elsewhere/deep'), { recursive: true })
  mkdirSync(at('backup'))
  writeFileSync(at('elsewhere/one.jsonl'), backupOf([1]))
  writeFileSync(at('elsewhere/deep/two.jsonl'), backupOf([2]))
  symlinkSync('../elsewhere/one.jsonl', at('backup/one.jsonl'))
  symlinkSync('../elsewhere/deep', at('backup/deep'))
  symlinkSync('.', at('backup/loop'))
  const asked = ['replay', at('backup'), '--endpoint', url, '--quiet-for', '0s', '--json']
  for (const processed of ['move', 'delete']) {
    const host = testHost()
    expect(await main([...asked, '--processed', processed], host)).toBe(0)
    await host.network.close()
    const summary = JSON.parse(host.printed.out)
    expect(host.printed.err).toContain('it is a link: it stays')
    const note = 'a link to a folder: left alone; name the folder to send what is in it'
    expect(summary.leftAlone).toEqual(
      expect.arrayContaining([
        { path: at('backup/deep'), note },
        { path: at('backup/loop'), note },
      ]),
    )
    expect([times(2), readFileSync(at('backup/one.jsonl'), 'utf8')]).toEqual([[1, 0], backupOf([1])])
  }
})

test('a file that is there by a link, too, is put away itself', async () => {
  write('traces-2026-11-21T03-12-32.726.jsonl', backupOf([1]))
  symlinkSync('traces-2026-11-21T03-12-32.726.jsonl', at('a-latest.jsonl'))
  symlinkSync('traces-2026-11-21T03-12-32.726.jsonl', at('z-latest.jsonl'))
  expect([(await run()).summary.files.moved, times(1)]).toEqual([1, [1]])
  expect(readdirSync(at('processed'))).toEqual(['traces-2026-11-21T03-12-32.726.jsonl'])
})

test('a state folder that is a mere name', async () => {
  write('traces.jsonl', backupOf([1]))
  const here = process.cwd()
  process.chdir(folder)
  try {
    expect((await run('--state', 'state')).exit).toBe(0)
  } finally {
    process.chdir(here)
  }
  expect(existsSync(at('state/journal'))).toBe(true)
})

test('a pattern names files, and one that is named by itself may have the signs of a pattern', async () => {
  write('a[1].jsonl', backupOf([1]))
  write('b.jsonl', backupOf([2]))
  write('c.log', backupOf([3]))
  const host = testHost()
  const common = ['--endpoint', url, '--quiet-for', '0s', '--quiet']
  expect(await main(['replay', at('a[1].jsonl'), ...common], host)).toBe(0)
  expect(await main(['replay', at('b*.jsonl'), ...common], host)).toBe(0)
  await host.network.close()
  expect(times(3)).toEqual([1, 1, 0])
})

test('a file that is written to after it was put away: the next run sends the rest', async () => {
  write('traces.jsonl', backupOf([1, 2]))
  expect((await run()).summary.files.moved).toBe(1)
  appendFileSync(at('processed/traces.jsonl'), backupOf([3, 4]))
  expect((await run('--dry-run')).summary).toMatchObject({ lines: 2, files: [{ path: at('processed/traces.jsonl') }] })
  const { exit, summary } = await run()
  expect([exit, summary.read.lines, times(4)]).toEqual([0, 2, once1(4)])
  expect((await run()).summary.read.lines).toBe(0)
  expect(readdirSync(at('processed'))).toEqual(['traces.jsonl'])
})

test('a file that grows while it is read stays, and the next run sends the rest', async () => {
  write('traces.jsonl', backupOf([1, 2]))
  before = async found => {
    if (found.includes(1)) appendFileSync(at('traces.jsonl'), backupOf([3]))
    return 200
  }
  await run()
  expect(existsSync(at('traces.jsonl'))).toBe(true)
  await run()
  expect([times(3), existsSync(at('traces.jsonl'))]).toEqual([once1(3), false])
})

test('a file that is rotated while it is read is put away under its new name, and the new one is left for the next run', async () => {
  write('traces.jsonl', backupOf([1, 2]))
  const rotated = 'traces-2026-11-21T03-12-32.726.jsonl'
  before = async found => {
    if (found.includes(1)) {
      renameSync(at('traces.jsonl'), at(rotated))
      write('traces.jsonl', backupOf([3]))
    }
    return 200
  }
  expect((await run()).summary.files.moved).toBe(1)
  expect([readdirSync(at('processed')), readFileSync(at('traces.jsonl'), 'utf8')]).toEqual([[rotated], backupOf([3])])
  await run()
  expect(times(3)).toEqual(once1(3))
})

test('a file that vanishes while it is read is sent as far as it was opened', async () => {
  write('traces.jsonl', backupOf([1, 2]))
  before = async found => {
    if (found.includes(1)) rmSync(at('traces.jsonl'))
    return 200
  }
  const { exit } = await run()
  expect([exit, times(2)]).toEqual([0, once1(2)])
})

test('a file that a restarted collector has cut to nothing is a new one', async () => {
  write('traces.jsonl', backupOf([1, 2]))
  await run('--processed', 'keep')
  truncateSync(at('traces.jsonl'), 0)
  appendFileSync(at('traces.jsonl'), backupOf([3, 4, 5]))
  await run('--processed', 'keep')
  expect(times(5)).toEqual(once1(5))
})

test('a file that is cut while it is read is told, and what it holds then is sent by the next run', async () => {
  const filler = 'x'.repeat(1_000_000)
  const large = (number: number) => lineOf(number).replace('"spanId"', `"name":"${filler}","spanId"`)
  write('traces.jsonl', `${numbers(40).map(large).join('\n')}\n`)
  before = async found => {
    if (found.includes(1)) writeFileSync(at('traces.jsonl'), backupOf([41]))
    return 200
  }
  const { exit, summary } = await run('--concurrency', '1')
  const note = expect.stringMatching(/^cut to \d+ bytes while it was read/)
  expect([exit, summary.unreadable, summary.files.moved]).toEqual([3, [{ path: at('traces.jsonl'), note }], 0])
  await run()
  expect([seen.get(41), existsSync(at('traces.jsonl'))]).toEqual([1, false])
})

test('a file that another run puts away meanwhile is put away once', async () => {
  write('traces.jsonl', backupOf([1]))
  before = async found => {
    if (found.includes(1)) {
      mkdirSync(at('processed'))
      renameSync(at('traces.jsonl'), at('processed/traces.jsonl'))
    }
    return 200
  }
  const { exit, summary } = await run()
  expect([exit, summary.files.finished, readdirSync(at('processed'))]).toEqual([0, 1, ['traces.jsonl']])
})

test('a file that was written a moment ago is left alone, unless it is named or followed', async () => {
  write('traces.jsonl', backupOf([1]))
  const { summary, exit } = await run('--quiet-for', '1h')
  expect([exit, summary.leftAlone.length, seen.size]).toEqual([0, 1, 0])
  utimesSync(at('traces.jsonl'), new Date(Date.now() - 7_200_000), new Date(Date.now() - 7_200_000))
  expect((await run('--quiet-for', '1h')).summary.acknowledged.lines).toBe(1)
})

test('a file from the future of this clock is left alone with the reason', async () => {
  write('traces.jsonl', backupOf([1]))
  utimesSync(at('traces.jsonl'), new Date(Date.now() + 7_200_000), new Date(Date.now() + 7_200_000))
  const { summary, exit } = await run()
  expect([exit, summary.leftAlone]).toEqual([
    0,
    [{ path: at('traces.jsonl'), note: expect.stringMatching(/ahead of the clock/) }],
  ])
})

test('a line that is half written in a file that grows is left for the next run', async () => {
  write('traces.jsonl', `${backupOf([1])}${lineOf(2).slice(0, 50)}`)
  const host = testHost()
  const args = ['--endpoint', url, '--quiet']
  expect(await main(['replay', at('traces.jsonl'), '--quiet-for', '1h', ...args], host)).toBe(0)
  appendFileSync(at('traces.jsonl'), `${lineOf(2).slice(50)}\n`)
  expect(await main(['replay', at('traces.jsonl'), '--quiet-for', '0s', ...args], host)).toBe(0)
  await host.network.close()
  expect(times(2)).toEqual(once1(2))
})

describe('what is followed', () => {
  const ROTATED = 'traces-2026-11-21T03-12-32.726.jsonl'
  test.each([
    ['a packed file that grows', gzipSync(backupOf([1, 2])), () => appendFileSync(at('traces.jsonl'), gzipSync(backupOf([3])))],
    ['a file that is rotated, which is put away', backupOf([1, 2]), () => rotate(backupOf([3]))],
    ['a file that is rotated after its last line', backupOf([1, 2, 3]), () => rotate()],
  ])('%s', async (_, first, then) => {
    writeFileSync(at('traces.jsonl'), first)
    const host = testHost()
    const args = [at('*.jsonl'), '--endpoint', url, '--follow', '--quiet-for', '1h', '--json', '--quiet']
    const running = main(['replay', ...args], host)
    try {
      await expect.poll(() => seen.size).toBeGreaterThan(1)
      then()
      await expect.poll(() => [seen.size, existsSync(at(ROTATED))]).toEqual([3, false])
    } finally {
      host.interrupt()
      await running
      await host.network.close()
    }
    expect(await running).toBe(130)
    const { files } = JSON.parse(host.printed.out)
    expect([times(3), files.finished, files.found >= files.finished]).toEqual([once1(3), files.moved, true])
  })
  const rotate = (next?: string) => {
    renameSync(at('traces.jsonl'), at(ROTATED))
    if (next !== undefined) write('traces.jsonl', next)
  }
})

describe('dead letters', () => {
  test('are sent again when their cause is mended, byte for byte, and only once', async () => {
    write('traces.jsonl', backupOf(numbers(9)))
    before = async found => (found.includes(4) ? 400 : 200)
    const first = await run()
    expect([first.exit, first.summary.deadLettered.lines, times(9)]).toEqual([1, 1, [1, 1, 1, 0, 1, 1, 1, 1, 1]])
    const refused = await run('--from-dead-letter')
    expect([refused.exit, refused.summary.deadLettered.lines]).toEqual([1, 1])
    before = async () => 200
    expect((await run('--from-dead-letter')).exit).toBe(0)
    expect(times(9)).toEqual(once1(9))
    expect(await run('--from-dead-letter')).toMatchObject({ exit: 3, err: expect.stringContaining('no dead letters') })
  })

  // The same letter in a file of the same name and inode would pass for one that is settled, and inodes come again.
  test('never come from a file that had this name before, so that none is lost however often it is refused', async () => {
    write('traces.jsonl', `garbage\n${backupOf([1])}`)
    await run()
    const letters = []
    for (const _ of numbers(4)) {
      expect((await run('--from-dead-letter', '--processed', 'delete')).exit).toBe(1)
      letters.push(JSON.parse(readFileSync(at('.failoverctl-replay/dead-letters.jsonl'), 'utf8')).file)
    }
    expect(letters).toEqual(numbers(4).map(number => at(`.failoverctl-replay/dead-letters-${number}.jsonl`)))
  })

  test('a mended letter is sent as it is now', async () => {
    write('traces.jsonl', `${lineOf(1).slice(0, -3)}\n${backupOf([2])}`)
    expect((await run()).exit).toBe(1)
    const path = at('.failoverctl-replay/dead-letters.jsonl')
    const letter = JSON.parse(readFileSync(path, 'utf8'))
    expect(letter).toMatchObject({ offset: 0, text: lineOf(1).slice(0, -3) })
    writeFileSync(path, `${JSON.stringify({ ...letter, text: lineOf(1) })}\n`)
    expect((await run('--from-dead-letter')).exit).toBe(0)
    expect(times(2)).toEqual([1, 1])
  })

  test('a line over the limit is kept in a file of its own, which is a backup', async () => {
    const long = lineOf(1).replace('"spanId"', `"name":"${'x'.repeat(300_000)}","spanId"`)
    write('traces.jsonl', `${long}\n${backupOf([2])}`)
    const { summary } = await run('--max-line', '100000', '--request-bytes', '50000')
    expect([summary.deadLettered.lines, times(2)]).toEqual([1, [0, 1]])
    const { kept } = JSON.parse(readFileSync(at('.failoverctl-replay/dead-letters.jsonl'), 'utf8'))
    expect(readFileSync(kept, 'utf8')).toBe(`${long}\n`)
    const host = testHost()
    expect(await main(['replay', kept, '--endpoint', url, '--quiet-for', '0s', '--quiet'], host)).toBe(0)
    await host.network.close()
    expect(times(2)).toEqual([1, 1])
  })
})

describe('what a run refuses before it touches anything', () => {
  test('a folder without a backup says what was looked for', async () => {
    write('notes.txt', 'hello')
    expect(await run()).toMatchObject({ exit: 3, err: expect.stringMatching(/no backup in .*notes\.txt.*\nLooked for/s) })
  })

  test('a path that leads nowhere', async () => {
    const host = testHost()
    expect(await main(['replay', at('none'), '--endpoint', url], host)).toBe(3)
    expect(host.printed.err).toContain('no such file or folder')
  })

  test.each([401, 404])('a server that answers %i', async status => {
    write('traces.jsonl', backupOf([1]))
    before = async () => status
    const { exit } = await run()
    expect([exit, existsSync(at('traces.jsonl'))]).toEqual([4, true])
  })

  test('nobody there', async () => {
    write('traces.jsonl', backupOf([1]))
    const host = testHost()
    expect(await main(['replay', folder, '--endpoint', 'http://127.0.0.1:1', '--quiet'], host)).toBe(4)
    expect(existsSync(at('traces.jsonl'))).toBe(true)
  })

  test('a folder that may not be written to', async () => {
    write('traces.jsonl', backupOf([1]))
    chmodSync(join(folder, '..'), 0o755)
    chmodSync(folder, 0o555)
    const { exit, err } = await asNobody(() => run())
    chmodSync(folder, 0o755)
    expect([exit, err]).toEqual([3, expect.stringContaining('cannot be written (no permission, EACCES)')])
  })
})

test('a file that may not be read is named and stays, the others are sent, and a run that may read it sends it', async () => {
  write('traces-2026-11-21T03-12-32.726-size.jsonl', backupOf([1, 2]))
  write('traces-2026-11-21T03-13-32.726-size.jsonl', backupOf([3]))
  chmodSync(at('traces-2026-11-21T03-12-32.726-size.jsonl'), 0)
  chmodSync(join(folder, '..'), 0o755)
  chmodSync(folder, 0o777)
  const { exit, summary } = await asNobody(() => run())
  expect([exit, times(3)]).toEqual([3, [0, 0, 1]])
  const [path, note] = [at('traces-2026-11-21T03-12-32.726-size.jsonl'), 'no permission to read it']
  expect(summary).toMatchObject({ unreadable: [{ path, note }], next: ['unreadable'], files: { found: 1, moved: 1 } })
  chmodSync(path, 0o644)
  expect([(await run()).exit, times(3)]).toEqual([0, once1(3)])
})

// An ext4 volume has the second one at its root.
test.each([
  ['a folder', 3],
  ['lost+found', 0],
] as const)('%s that may not be looked into keeps no other file from being sent', async (name, expected) => {
  write('traces-2026-11-21T03-12-32.726.jsonl', backupOf([1]))
  mkdirSync(at(name), { mode: 0o700 })
  chmodSync(join(folder, '..'), 0o755)
  chmodSync(folder, 0o777)
  const { exit, summary } = await asNobody(() => run())
  const unreadable = expected === 0 ? [] : [{ path: at(name), note: 'no permission to read it' }]
  expect([exit, times(1), summary.unreadable]).toEqual([expected, once1(1), unreadable])
})

test('files that may not be moved stay, all of them are sent, and each once', async () => {
  const state = join(root, `state-${tests}`)
  mkdirSync(state)
  chmodSync(state, 0o777)
  for (const number of numbers(3)) write(`traces-2026-11-21T03-1${number}-32.726.jsonl`, backupOf([number]))
  chmodSync(join(folder, '..'), 0o755)
  chmodSync(folder, 0o555)
  const runs = await asNobody(async () => [await run('--state', state), await run('--state', state)])
  chmodSync(folder, 0o755)
  expect(runs.map(({ exit, summary }) => [exit, summary.files])).toEqual(Array(2).fill([0, { found: 3, finished: 3, moved: 0 }]))
  expect([times(3), (await run('--state', state)).summary.files.moved, times(3)]).toEqual([once1(3), 3, once1(3)])
})

test('a file that was put away and may not be read any more is named, and the others are sent', async () => {
  write('traces-2026-11-21T03-12-32.726.jsonl', backupOf([1]))
  expect((await run()).exit).toBe(0)
  const away = at('processed/traces-2026-11-21T03-12-32.726.jsonl')
  appendFileSync(away, backupOf([2]))
  write('traces-2026-11-21T03-13-32.726.jsonl', backupOf([3]))
  for (const path of ['..', '.', '.failoverctl-replay', 'processed']) chmodSync(join(folder, path), path === '..' ? 0o755 : 0o777)
  for (const name of readdirSync(at('.failoverctl-replay'))) chmodSync(at(`.failoverctl-replay/${name}`), 0o666)
  chmodSync(away, 0)
  const { exit, summary } = await asNobody(() => run())
  expect([exit, times(3), summary.unreadable]).toEqual([3, [1, 0, 1], [{ path: away, note: 'no permission to read it' }]])
  chmodSync(away, 0o644)
  expect([(await run()).exit, times(3)]).toEqual([0, once1(3)])
})

test('a token that expires in the middle stops the run: what was sent is settled, nothing else is moved', async () => {
  write('traces-2026-11-21T03-12-32.726.jsonl', backupOf(numbers(400)))
  let requests = 0
  before = async () => (++requests > 5 ? 401 : 200)
  const limits = ['--request-items', '10', '--concurrency', '2']
  const stopped = await run(...limits)
  expect([stopped.exit, stopped.summary.stopped]).toEqual([5, expect.stringContaining('HTTP status 401, not authenticated')])
  expect(stopped.summary.files.moved).toBe(0)
  before = async () => 200
  const { exit } = await run(...limits)
  expect([exit, times(400)]).toEqual([0, once1(400)])
})

test('the status says how far a file is', async () => {
  write('traces-2026-11-21T03-12-32.726.jsonl', backupOf(numbers(40)))
  const host = testHost()
  expect(await main(['replay', 'status', folder], host)).toBe(0)
  expect(host.printed.out).toContain('No replay has begun')
  await run()
  const after = testHost()
  expect(await main(['replay', 'status', folder], after)).toBe(0)
  expect(after.printed.out).toMatch(/^done .*40 items in 40 lines acknowledged, now .*processed/)
})

test('the status of a packed file that is not finished says how much of what it unpacks to is settled', async () => {
  const text = backupOf(numbers(400))
  writeFileSync(at('traces-2026-11-21T03-12-32.726.jsonl.gz'), gzipSync(text))
  let requests = 0
  // The first one is empty: it asks whether anybody is there.
  before = async sent => (sent.length > 0 && ++requests > 5 ? 401 : 200)
  await run('--request-items', '10', '--concurrency', '1')
  const host = testHost()
  expect(await main(['replay', 'status', folder], host)).toBe(0)
  expect(host.printed.out).toMatch(/^ {2}\?% .*50 items in 50 lines acknowledged, 7\.\d kB of what it unpacks to\n$/)
  const asData = testHost()
  await main(['replay', 'status', folder, '--json'], asData)
  const [file] = JSON.parse(asData.printed.out).files
  expect(file).toMatchObject({ settled_unpacked_bytes: (text.length * 50) / 400, finished: false })
  expect(file).not.toHaveProperty('settled_bytes')
})

test('ten thousand files', async () => {
  for (const number of numbers(10_000)) write(`${number}.jsonl`, backupOf([number]))
  const { exit, summary } = await run('--processed', 'keep')
  expect([exit, summary.files.finished, summary.acknowledged.lines, seen.size]).toEqual([0, 10_000, 10_000, 10_000])
  // Small files share requests.
  expect(summary.requests).toBeLessThan(100)
  expect(statSync(at('.failoverctl-replay/journal')).size).toBeLessThan(6_000_000)
}, 60_000)

/** Root may write anywhere: where the tests are root, this is done as somebody who may not. */
async function asNobody<T>(task: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return task()
  process.seteuid?.(65_534)
  try {
    return await task()
  } finally {
    process.seteuid?.(0)
  }
}
