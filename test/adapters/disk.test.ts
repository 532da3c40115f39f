import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { realDisk } from '../../src/adapters/disk.ts'
import type { OpenFile } from '../../src/core/disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-disk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

async function unpackedText(opened: OpenFile, as: 'gzip' | 'zstd', read?: (bytes: number) => void): Promise<string> {
  const parts: Uint8Array[] = []
  try {
    for await (const part of opened.unpack(as, read)) parts.push(part.slice())
  } finally {
    await opened.close()
  }
  return Buffer.concat(parts).toString()
}

test('reads at any place, also past the end', async () => {
  writeFileSync(at('read'), '0123456789')
  const opened = await realDisk.open(at('read'))
  const into = new Uint8Array(4)
  expect([await opened.read(into, 3), Buffer.from(into).toString()]).toEqual([4, '3456'])
  expect(await opened.read(into, 8)).toBe(2)
  expect(await opened.read(into, 50)).toBe(0)
  await opened.close()
})

test('lists a tree with names as they are', async () => {
  mkdirSync(at('tree/a folder'), { recursive: true })
  writeFileSync(at('tree/a folder/new\nline.jsonl'), 'x')
  writeFileSync(at('tree/b'), 'xx')
  const found = await realDisk.list(at('tree'))
  expect(found.map(({ path, size }) => [path, size]).sort()).toEqual([
    [at('tree/a folder/new\nline.jsonl'), 1],
    [at('tree/b'), 2],
  ])
  expect(await realDisk.look(at('tree'))).toMatchObject({ folder: true })
  expect(await realDisk.look(at('none'))).toBeUndefined()
})

test('a rename makes folders and never replaces a file', async () => {
  writeFileSync(at('from'), 'new')
  await realDisk.rename(at('from'), at('made/on/the way'))
  expect(readFileSync(at('made/on/the way'), 'utf8')).toBe('new')
  writeFileSync(at('other'), 'other')
  await expect(realDisk.rename(at('other'), at('made/on/the way'))).rejects.toMatchObject({ code: 'unwritable' })
  expect([readFileSync(at('made/on/the way'), 'utf8'), readFileSync(at('other'), 'utf8')]).toEqual(['new', 'other'])
})

test('appends in the order of the calls, and says when the disk takes no more', async () => {
  const file = await realDisk.appender(at('log/file'))
  await Promise.all(['a', 'b', 'c'].map(text => file.append(Buffer.from(text))))
  await file.sync()
  await file.close()
  expect(readFileSync(at('log/file'), 'utf8')).toBe('abc')
  if (!existsSync('/dev/full')) return
  const full = await realDisk.appender('/dev/full')
  await expect(full.append(Buffer.from('x'))).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining('ENOSPC'),
  })
  await full.close()
})

test('what may hold secrets is for its owner alone, also where an older file was for all', async () => {
  const mode = (name: string) => (statSync(at(name)).mode & 0o777).toString(8)
  mkdirSync(at('records'), { mode: 0o755 })
  writeFileSync(at('records/old'), '', { mode: 0o644 })
  await realDisk.secretFolder(at('records'))
  for (const name of ['records/old', 'records/new', 'hidden/secret']) {
    await (await realDisk.appender(at(name), { secret: true })).close()
    expect(mode(name)).toBe('600')
  }
  await realDisk.secretFolder(at('deep/folder'))
  expect([mode('records'), mode('deep/folder'), mode('deep')]).toEqual(['700', '700', '700'])
  await (await realDisk.appender(at('for-all'))).close()
  expect(mode('for-all')).not.toBe('600')
})

describe('packed streams', () => {
  const text = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join('')

  test('gzip: whole, cut, damaged', async () => {
    const packed = gzipSync(text)
    writeFileSync(at('whole.gz'), packed)
    const places: number[] = []
    expect(await unpackedText(await realDisk.open(at('whole.gz')), 'gzip', place => places.push(place))).toBe(text)
    expect(places.at(-1)).toBe(packed.length)
    writeFileSync(at('cut.gz'), packed.subarray(0, packed.length / 2))
    const cut = await unpackedText(await realDisk.open(at('cut.gz')), 'gzip')
    expect(cut.length).toBeGreaterThan(1000)
    expect(text.startsWith(cut)).toBe(true)
    writeFileSync(at('damaged.gz'), Buffer.concat([packed.subarray(0, 10), Buffer.alloc(3000, 0xff)]))
    await expect(unpackedText(await realDisk.open(at('damaged.gz')), 'gzip')).rejects.toThrow()
  })

  test.skipIf(spawnSync('zstd', ['--version']).status !== 0)('zstd: whole, cut, damaged', async () => {
    const packed = spawnSync('zstd', ['-q', '-c'], { input: text }).stdout
    writeFileSync(at('whole.zst'), packed)
    const places: number[] = []
    expect(await unpackedText(await realDisk.open(at('whole.zst')), 'zstd', place => places.push(place))).toBe(text)
    expect(places.at(-1)).toBe(packed.length)
    writeFileSync(at('cut.zst'), packed.subarray(0, packed.length - 100))
    expect(text.startsWith(await unpackedText(await realDisk.open(at('cut.zst')), 'zstd'))).toBe(true)
    writeFileSync(at('damaged.zst'), Buffer.concat([packed.subarray(0, 20), Buffer.alloc(400_000, 0xff)]))
    await expect(unpackedText(await realDisk.open(at('damaged.zst')), 'zstd')).rejects.toThrow('damaged')
  })
})

describe('lock', () => {
  /** A process that takes a lock by the same text, and holds it until it is killed. */
  async function holder(path: string) {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(child.stdout, 'data')
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    const { host } = JSON.parse(readFileSync(at('example'), 'utf8'))
    writeFileSync(path, JSON.stringify({ host, pid: child.pid, started }))
    return child
  }

  test.skipIf(!existsSync('/proc/self/stat'))(
    'is held by a process that lives, and taken over from one that was killed',
    async () => {
      const release = await realDisk.lock(at('example'))
      const path = at('lock')
      const child = await holder(path)
      await expect(realDisk.lock(path)).rejects.toMatchObject({
        code: 'locked',
        message: expect.stringContaining(`process ${child.pid}`),
      })
      child.kill('SIGKILL')
      await once(child, 'close')
      const own = await realDisk.lock(path)
      expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid)
      await own()
      await release()
      expect(existsSync(path)).toBe(false)
    },
  )

  test('twice in one process is once', async () => {
    const release = await realDisk.lock(at('twice'))
    await expect(realDisk.lock(at('twice'))).rejects.toMatchObject({ code: 'locked' })
    await release()
    await (await realDisk.lock(at('twice')))()
  })

  test('a number that another process has got since holds nothing, nor does a file that is no lock', async () => {
    const release = await realDisk.lock(at('sample'))
    const sample = JSON.parse(readFileSync(at('sample'), 'utf8'))
    writeFileSync(at('reused'), JSON.stringify({ ...sample, started: '1' }))
    await (await realDisk.lock(at('reused')))()
    writeFileSync(at('torn'), '{"pid"')
    await (await realDisk.lock(at('torn')))()
    await release()
  })

  test('another machine holds it as long as it touches it', async () => {
    writeFileSync(at('remote'), JSON.stringify({ host: 'elsewhere', pid: 1, started: '1' }))
    await expect(realDisk.lock(at('remote'))).rejects.toMatchObject({ message: expect.stringContaining('on elsewhere') })
    spawnSync('touch', ['-d', '2 minutes ago', at('remote')])
    await (await realDisk.lock(at('remote')))()
  })
})

test.skipIf(!existsSync('/proc/self/fd'))('sees who has a file open for writing, and not who reads it', async () => {
  writeFileSync(at('open'), 'x')
  const entry = await realDisk.look(at('open'))
  if (!entry) throw new Error('gone')
  const own = openSync(at('open'), 'a')
  expect(await realDisk.isOpenElsewhere(entry)).toBe(false)
  closeSync(own)
  for (const [mode, expected] of [
    ['>>', true],
    ['<', false],
  ] as const) {
    const child = spawn('bash', ['-c', `exec 3${mode} "$1"; echo up; exec sleep 30`, 'bash', at('open')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(child.stdout, 'data')
    expect(await realDisk.isOpenElsewhere(entry)).toBe(expected)
    child.kill('SIGKILL')
    await once(child, 'close')
  }
})

test.skipIf(!existsSync('/proc/self/fd'))('looks at the processes once for many files that are asked for together', async () => {
  writeFileSync(at('many'), '')
  const entry = await realDisk.look(at('many'))
  if (!entry) throw new Error('gone')
  const child = spawn('bash', ['-c', 'exec 3>>"$1"; echo up; exec sleep 30', 'bash', at('many')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  const timed = async (count: number) => {
    const start = performance.now()
    const asked = Array.from({ length: count }, (_, index) =>
      realDisk.isOpenElsewhere(index === 0 ? entry : { ...entry, inode: `none-${index}` }),
    )
    expect((await Promise.all(asked)).filter(isOpen => isOpen)).toHaveLength(1)
    return performance.now() - start
  }
  await timed(1)
  const one = await timed(1)
  expect(await timed(500)).toBeLessThan(50 * one)
  child.kill('SIGKILL')
  await once(child, 'close')
})
