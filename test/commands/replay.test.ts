import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { main } from '../../src/cli/main.ts'
import type { HttpReply, HttpRequest } from '../../src/core/host.ts'
import { fakeHost } from '../fake-host.ts'

const T0 = 1_795_230_000_000
const span = (number: number, ms = T0) =>
  `{"traceId":"${'ab'.repeat(16)}","spanId":"${String(number).padStart(16, '0')}","name":"span ${number}","startTimeUnixNano":"${ms}000000","endTimeUnixNano":"${ms + 5}000000"}`
const line = (service: string, ...spans: string[]) =>
  `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${service}"}}]},"scopeSpans":[{"spans":[${spans.join(',')}]}]}]}\n`

const FILE = '/b/traces-2026-11-21T03-12-32.726-size.jsonl'
const BACKUP = {
  [FILE]: [line('checkout', span(1), span(2)), line('cart', span(3, T0 + 60_000)), line('checkout', span(1)), '{"broken\n'].join(
    '',
  ),
}

/** A replay of the backup; the backend answers as told, and keeps what it is sent. */
async function replay(argv: readonly string[], status = 200, files: Readonly<Record<string, string>> = BACKUP) {
  const bodies: string[] = []
  const request = async ({ body }: HttpRequest): Promise<HttpReply> => {
    const text = new TextDecoder().decode(body)
    const isEmpty = !text.includes('spanId')
    if (!isEmpty) bodies.push(text)
    return { kind: 'answer', status: isEmpty ? 200 : status, headers: {}, body: new TextEncoder().encode('{}') }
  }
  const host = fakeHost({ files, network: { request } })
  const exit = await main(['replay', '/b', '--endpoint', 'http://b:4318', '--protocol', 'http/json', ...argv], host)
  const spans = bodies.flatMap(body => Array.from(body.matchAll(/"name":"span (\d+)"/g), ([, number]) => Number(number)))
  return { exit, host, bodies, spans }
}

test('a dry run says what would be sent, and touches nothing', async () => {
  const { exit, host, bodies } = await replay(['--dry-run', '--rate', '2spans/s'])
  expect([exit, host.err, bodies]).toEqual([0, '', []])
  expect(host.out).toContain('3 lines with 4 spans')
  expect(host.out).toContain('(1m)')
  expect(host.out).toContain('at least 2s')
  expect(host.out).toContain('1 line, to be kept with the dead letters')
  expect([...host.contents.keys()]).toEqual([FILE])
})

test('the plan as JSON has the same numbers, and those of a filter', async () => {
  const { host } = await replay(['--dry-run', '--json', '--filter', 'service.name == "cart"'])
  expect(JSON.parse(host.out)).toMatchObject({
    lines: 1,
    bySignal: { traces: 1 },
    damaged: 1,
    requests: 1,
    files: [{ path: FILE, items: 1 }],
  })
})

test('the summary adds up, and says what to do next', async () => {
  const { exit, host, spans } = await replay([])
  expect(exit).toBe(1)
  expect(spans).toEqual([1, 2, 3, 1])
  expect(host.out).toMatch(
    /read +4 items +4 lines\n +(.*\n)*?.*= acknowledged +4 items +3 lines\n.*\n.*\+ dead letters +0 items +1 lines/,
  )
  expect(host.out).toContain('Next: look at /b/.failoverctl-replay/dead-letters.jsonl; --from-dead-letter sends them again\n')
})

describe('only what is wanted is sent', () => {
  test.each([
    [
      ['--filter', 'service.name == "checkout"'],
      [1, 2, 1],
    ],
    [
      ['--filter', 'name =~ "[23]"'],
      [2, 3],
    ],
    [['--dedup'], [1, 2, 3]],
    [['--since', '2026-11-21T03:00:30Z'], [3]],
    [
      ['--until', '2026-11-21T03:00:30Z'],
      [1, 2, 1],
    ],
    [
      ['--shard', '0/1'],
      [1, 2, 3, 1],
    ],
  ])('%j', async (argv, wanted) => {
    const { spans } = await replay(argv)
    expect(spans).toEqual(wanted)
  })
})

test('times are moved so that the first is now, also when the run is a later one', async () => {
  const { bodies, host } = await replay(['--time-shift', 'now'], 200, { ...BACKUP, '/b/.failoverctl-replay/time-shift': '1000' })
  expect(bodies.join('')).toContain(`"startTimeUnixNano":"${T0 + 1000}000000"`)
  expect(await host.disk.look('/b/.failoverctl-replay/time-shift')).toBeUndefined()
})

test('the first time that counts is that of what is still to be sent', async () => {
  const sent = { [FILE]: line('a', span(1)) }
  const { host } = await replay(['--processed', 'keep'], 200, sent)
  const later = { [FILE.replace('-21T', '-22T')]: line('a', span(2, T0 + 86_400_000)) }
  const journal = host.disk.text('/b/.failoverctl-replay/journal')
  const { bodies } = await replay(['--time-shift', 'now'], 200, {
    ...sent,
    ...later,
    '/b/.failoverctl-replay/journal': journal,
  })
  // The clock of a test stands at zero, and a time is at least 1.
  expect(bodies.join('')).toContain('"name":"span 2","startTimeUnixNano":"1"')
})

test('a mark says by which run something was replayed', async () => {
  const { bodies } = await replay(['--mark', 'after-the-outage'])
  expect(bodies.join('')).toContain('{"key":"failoverctl.replay.run_id","value":{"stringValue":"after-the-outage"}}')
})

test('a canary that dies stops the run: exit 5, and the rest is left', async () => {
  const many = { [FILE]: Array.from({ length: 50 }, (_, index) => line('a', span(index + 1))).join('') }
  const { exit, host, bodies } = await replay(
    ['--canary', '10%', '--request-items', '1', '--concurrency', '1', '--json', '--quiet'],
    400,
    many,
  )
  expect(exit).toBe(5)
  expect(bodies.length).toBeLessThanOrEqual(7)
  expect(JSON.parse(host.out)).toMatchObject({ acknowledged: { lines: 0 }, deadLettered: { lines: 0 }, next: ['again'] })
  expect(JSON.parse(host.out).stopped).toMatch(/^only 0 of the \d requests of the canary were taken whole$/)
})

test('with --json the events are lines of JSON on standard error', async () => {
  const { host } = await replay(['--json'])
  const events = host.err
    .trimEnd()
    .split('\n')
    .map(text => JSON.parse(text))
  expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['started', 'dead-letter', 'finished', 'ended']))
  expect(JSON.parse(host.out)).toMatchObject(events.at(-1).summary)
})

test('a token is in no output', async () => {
  const { host } = await replay(['--header', 'authorization=Bearer hush-hush', '--json'], 401)
  expect(host.out + host.err).not.toContain('hush')
})

describe('dead letters are sent again', () => {
  const letter = (number: number) =>
    `${JSON.stringify({ file: FILE, offset: 0, length: 1, reason: 'HTTP status 400', encoding: 'json', signal: 'traces', items: 1, text: line('a', span(number)).trim() })}\n`
  const STATE = '/b/.failoverctl-replay'
  // Shards keep theirs beside their own checkpoints; a shard's are its own wherever they lie in the file.
  const files = {
    ...BACKUP,
    [`${STATE}/dead-letters.jsonl`]: letter(1),
    ...Object.fromEntries(
      [0, 1, 2, 3].flatMap(shard => [
        [`${STATE}/shard-${shard}-of-4/journal`, ''],
        [`${STATE}/shard-${shard}-of-4/dead-letters.jsonl`, letter(10 + shard)],
      ]),
    ),
  }
  test.each([
    [[], [1, 10, 11, 12, 13]],
    [['--shard', '0/4'], [10]],
    [['--shard', '1/4'], [11]],
    [['--shard', '2/4'], [12]],
    [['--shard', '3/4'], [13]],
  ])('with %j', async (argv, wanted) => {
    const planned = await replay(['--from-dead-letter', '--dry-run', '--json', ...argv], 200, files)
    expect(JSON.parse(planned.host.out)).toMatchObject({ lines: wanted.length, bySignal: { traces: wanted.length } })
    expect([...planned.host.contents.keys()]).toEqual(Object.keys(files))
    const { exit, spans, host } = await replay(['--from-dead-letter', ...argv], 200, files)
    expect([exit, spans]).toEqual([0, wanted])
    expect(host.out).toContain(`${argv.length > 0 ? 1 : 5} moved`)
  })

  test('of a line with several signals only the part that was refused', async () => {
    const mixed = line('a', span(1)).replace('{', '{"resourceLogs":[{"x":1}],').trim()
    const refused = letter(1).replace('"signal":"traces"', '"signal":"logs"')
    const text = JSON.stringify({ ...JSON.parse(refused), text: mixed })
    const { exit, bodies } = await replay(['--from-dead-letter'], 200, { [`${STATE}/dead-letters.jsonl`]: `${text}\n` })
    expect([exit, bodies]).toEqual([0, [mixed]])
  })
})

describe('a Job for Kubernetes', () => {
  test('carries the flags on, the rate divided', async () => {
    const { exit, host, bodies } = await replay([
      '--emit',
      'kubernetes',
      '--shards',
      '4',
      '--rate',
      '1000spans/s',
      '--mark',
      '--filter',
      'a == "$(b)"',
    ])
    expect([exit, bodies]).toEqual([0, []])
    const { args } = parse(host.out).spec.template.spec.containers[0]
    expect(args.slice(0, 4)).toEqual(['replay', '/b', '--shard', '$(JOB_COMPLETION_INDEX)/4'])
    const after = (flag: string) => args[args.indexOf(flag) + 1]
    expect([after('--endpoint'), after('--rate'), after('--filter')]).toEqual(['http://b:4318', '250spans/s', 'a == "$$(b)"'])
    expect(args).toContain('--mark')
  })

  test.each([
    ['--insecure'],
    ['--from-dead-letter'],
    ['--follow'],
    ['--server-name', 'otlp.example.com'],
    ['--max-line', '100000'],
    ['--give-up-after', '3600000ms'],
    ['--quiet-for', '60000ms'],
    ['--state', '/b/state'],
    ['--canary', '0.01'],
    ['--canary-threshold', '0.9'],
  ])('carries %s on as it was given', async (...flag) => {
    const { host } = await replay(['--emit', 'kubernetes', '--canary', '5%', ...flag])
    const { args } = parse(host.out).spec.template.spec.containers[0]
    expect(args.slice(args.indexOf(flag[0])).slice(0, flag.length)).toEqual(flag)
  })

  test('whose arguments this command takes itself', async () => {
    const { host } = await replay([
      '--emit',
      'kubernetes',
      '--shards',
      '2',
      '--rate',
      '30req/s',
      '--delay',
      '10ms',
      '--ramp-up',
      '1s',
      '--speed',
      '2x',
    ])
    const { args } = parse(host.out).spec.template.spec.containers[0]
    const again = fakeHost({ files: BACKUP })
    expect(
      await main(
        [...args, '--dry-run'].map(arg => arg.replace('$(JOB_COMPLETION_INDEX)', '1')),
        again,
      ),
    ).toBe(0)
  })

  test.each([
    [['--header', 'a=secret'], '--header would stand in the manifest'],
    [['--headers-file', '/run/token'], 'the path of --headers-file would stand in the manifest'],
    [['--endpoint', 'http://me:secret@b:4318'], 'the password of --endpoint would stand in the manifest'],
    [['--endpoint', 'http://secret@b:4318'], 'the password of --endpoint would stand in the manifest'],
    [['--endpoint', 'http://b:4318?key=secret@'], 'the query of --endpoint would stand in the manifest'],
    [['--certificate', '/etc/ca.pem'], 'a path on this machine would stand in the manifest'],
    [['--time-shift', 'now'], '--time-shift now is another shift for each shard'],
    [['--dedup'], '--dedup sees only the spans of one shard'],
  ])('never with %j', async (argv, message) => {
    const { exit, host } = await replay(['--emit', 'kubernetes', ...argv])
    expect([exit, host.out]).toEqual([2, ''])
    expect(host.err).toContain(message)
    expect(host.err).not.toContain('secret@')
  })
})

describe('wrong use is told before anything is touched', () => {
  test.each([
    [['--rate', 'fast'], 'Expected a rate'],
    [['--canary', '0'], 'Expected a share'],
    [['--canary', '101%'], 'Expected a share'],
    [['--speed', 'ten'], 'Expected 1x, 10x or max.'],
    [['--shard', '16/16'], 'Expected an index and a count'],
    [['--filter', 'a == '], 'expected a value\n  a == \n       ^'],
    [['--since', 'yesterday'], '--since: yesterday is no time'],
    [['--since', '1h', '--until', '2h'], '--since 1h is not before --until 2h'],
    [['--time-shift', 'soon'], '--time-shift: soon is neither now nor a duration'],
    [['--max-latency-factor', '1'], 'Expected a number of at least 1.1.'],
  ])('%j', async (argv, message) => {
    const { exit, host, bodies } = await replay(argv)
    expect(exit).toBe(2)
    expect(host.err).toContain(message)
    expect(bodies).toEqual([])
  })
})
