import { describe, expect, test } from 'vitest'
import { PROBES } from '../../../src/chaos/probes/index.ts'
import type { Seen } from '../../../src/chaos/probes/probe.ts'
import type { HttpReply, HttpRequest } from '../../../src/core/host.ts'
import { PROBE_TYPES } from '../../../src/experiment/probe-wish.ts'
import { wished, world } from './world.ts'

const NEVER = new AbortController().signal
const answer = (status: number, body = ''): HttpReply => ({
  kind: 'answer',
  status,
  headers: {},
  body: new TextEncoder().encode(body),
})

type Setting = ReturnType<typeof world>

/** Begins a probe, lets things happen, and looks. */
async function look(line: string, it: Setting, meanwhile: (it: Setting) => void = () => {}): Promise<Seen> {
  const [probe] = wished(line)
  if (!probe) throw new Error('no probe')
  const made = PROBES[probe.probe](probe, it.probing)
  await made.begin?.(it.view)
  meanwhile(it)
  return made.look(it.view, NEVER)
}

describe('what the collector says of itself', () => {
  const text = (lines: string) => (it: Setting) => void (it.scrape.text = lines)
  const QUEUES = `otelcol_exporter_queue_capacity{exporter="otlp/primary",data_type="traces"} 40
otelcol_exporter_queue_capacity{exporter="otlp/secondary",data_type="traces"} 1000
otelcol_exporter_queue_size{exporter="otlp/primary",data_type="traces"} 30
otelcol_exporter_queue_size{exporter="otlp/secondary",data_type="traces"} 100`
  const SENT = (n: number) => `otelcol_exporter_sent_spans_total{exporter="otlp/primary"} ${n}
otelcol_exporter_sent_spans_total{exporter="otlp/secondary"} 7`

  test.each<[line: string, before: string, after: string, found: Seen]>([
    ['probe: queue, tolerance: "< 80%"', '', QUEUES, { found: 0.75 }],
    ['probe: queue, tolerance: "< 80"', '', QUEUES, { found: 100 }],
    ['probe: queue, exporter: otlp/primary, tolerance: "< 80"', '', QUEUES, { found: 30 }],
    ['probe: queue, exporter: failover, tolerance: 0', '', QUEUES, { missing: 'the metrics show no such queue' }],
    ['probe: queue, tolerance: 0', '', '', { missing: 'the collector gave no metrics' }],
    ['probe: metric, metric: otelcol_exporter_sent_spans, tolerance: 0', '', SENT(5), { found: 12 }],
    [
      'probe: metric, metric: otelcol_exporter_sent_spans, labels: {exporter: otlp/primary}, tolerance: 0',
      '',
      SENT(5),
      { found: 5 },
    ],
    ['probe: metric, metric: otelcol_exporter_sent_spans, of: growth, tolerance: 0', SENT(5), SENT(9), { found: 4 }],
    ['probe: metric, metric: otelcol_exporter_sent_spans, of: growth, tolerance: 0', SENT(90), SENT(3), { found: 10 }],
    ['probe: metric, metric: otelcol_exporter_failed, of: growth, tolerance: 0', SENT(5), SENT(9), { found: 0 }],
    ['probe: metric, metric: nothing, tolerance: 0', '', SENT(5), { missing: 'no sample has this name and these labels' }],
  ])('%s', async (line, before, after, found) => {
    const it = world()
    text(before)(it)
    expect(await look(line, it, text(after))).toEqual(found)
  })

  test('a rate is the growth a second since the last look', async () => {
    const it = world()
    text(SENT(0))(it)
    const [probe] = wished('probe: metric, metric: otelcol_exporter_sent_spans, of: rate, tolerance: "> 0"')
    const made = PROBES.metric(probe as never, it.probing)
    made.begin?.(it.view)
    await it.host.clock.advance(2000)
    text(SENT(10))(it)
    expect(await made.look(it.view, NEVER)).toEqual({ found: 5 })
    await it.host.clock.advance(1000)
    expect(await made.look(it.view, NEVER)).toEqual({ found: 0 })
  })

  test('the level is the one that the run sees', async () => {
    const it = world()
    expect(await look('probe: level, tolerance: 0', it)).toEqual({ missing: 'the metrics show no level' })
    it.scrape.level = 1
    expect(await look('probe: level, connector: failover, tolerance: 0', it)).toEqual({ found: 1 })
  })
})

describe('what others answer', () => {
  const asked: HttpRequest[] = []
  const saying = (reply: HttpReply) =>
    world(async request => {
      asked.push(request)
      return reply
    })
  const URL = 'http://127.0.0.1:1/x'
  const vector = (...values: string[]) =>
    answer(
      200,
      JSON.stringify({
        status: 'success',
        data: { resultType: 'vector', result: values.map(v => ({ metric: {}, value: [1, v] })) },
      }),
    )

  test.each<[line: string, reply: HttpReply, found: Seen]>([
    [`probe: http, url: '${URL}'`, answer(503), { found: 503 }],
    [`probe: http, url: '${URL}', tolerance: { regex: ok }`, answer(200, 'ok!'), { found: 'ok!' }],
    [`probe: http, url: '${URL}', tolerance: { regex: ok }`, answer(500, 'ok!'), { failed: 'status 500' }],
    [`probe: http, url: '${URL}', tolerance: '< 1s'`, answer(200), { found: 0 }],
    [
      `probe: http, url: '${URL}'`,
      { kind: 'not-sent', reason: 'connection refused' },
      { failed: 'no answer: connection refused' },
    ],
    ['probe: health', answer(200), { found: 200 }],
    [`probe: promql, url: '${URL}/', query: up, tolerance: 1`, vector('1', '1'), { found: 1 }],
    [`probe: promql, url: '${URL}', query: up, tolerance: 1`, vector('1', '0'), { found: 0 }],
    [`probe: promql, url: '${URL}', query: up, tolerance: 1`, vector(), { missing: 'no series' }],
    [`probe: promql, url: '${URL}', query: up, tolerance: 1`, vector('+Inf'), { found: Number.POSITIVE_INFINITY }],
    [
      `probe: promql, url: '${URL}', query: '3', tolerance: 1`,
      answer(200, '{"status":"success","data":{"resultType":"scalar","result":[1,"3"]}}'),
      { found: 3 },
    ],
    [
      `probe: promql, url: '${URL}', query: 'up[5m]', tolerance: 1`,
      answer(200, '{"status":"success","data":{"resultType":"matrix","result":[]}}'),
      { missing: 'a matrix, expected numbers' },
    ],
    [
      `probe: promql, url: '${URL}', query: 'up{', tolerance: 1`,
      answer(400, '{"status":"error","errorType":"bad_data","error":"parse error"}'),
      { missing: 'parse error' },
    ],
    [
      `probe: promql, url: '${URL}', query: up, tolerance: 1`,
      answer(502, '<html>'),
      { missing: 'status 502, and no answer of a Prometheus' },
    ],
    [
      `probe: promql, url: '${URL}', query: up, tolerance: 1`,
      { kind: 'not-sent', reason: 'refused' },
      { missing: 'no answer: refused' },
    ],
  ])('%s', async (line, reply, found) => expect(await look(line, saying(reply))).toEqual(found))

  test('the health check is asked where the config says', () =>
    expect(asked.some(({ url }) => url === 'http://127.0.0.1:13133/health')).toBe(true))

  test('headers come from the environment and are not shown', async () => {
    asked.length = 0
    const it = saying(answer(200))
    const line = "probe: http, url: 'http://me:pw@127.0.0.1:1/', headers: { authorization: 'Bearer ${env:TOKEN}' }"
    await look(line, it)
    expect(asked[0]?.headers).toEqual({ authorization: 'Bearer hush' })
    const { about, evidence } = PROBES.http(wished(line)[0] as never, it.probing)
    expect(`${about} ${evidence}`).not.toMatch(/hush|pw/)
    await expect(look(line.replace('TOKEN', 'NONE'), it)).rejects.toThrow('x.yaml:3:7: the environment has no NONE')
  })
})

describe('a program', () => {
  test.each<[line: string, said: object, found: Seen]>([
    ['probe: command, run: [check, --fast]', { code: 3 }, { found: 3 }],
    ['probe: command, run: [check], tolerance: { regex: ready }', { code: 0, out: 'ready\n' }, { found: 'ready\n' }],
    ['probe: command, run: [check], tolerance: ready', { code: 1, out: 'ready' }, { failed: 'check ended with 1' }],
    ['probe: command, run: [check]', { code: undefined, timedOut: true }, { failed: 'check did not end in time' }],
  ])('%s → %j', async (line, said, found) => {
    const it = world()
    it.host.tools.script('check', () => said)
    expect(await look(line, it)).toEqual(found)
  })

  test('its arguments are not shown', () => {
    const [probe] = wished('probe: command, run: [curl, -H, "x-api-key: hush"]')
    const { about, evidence } = PROBES.command(probe as never, world().probing)
    expect(about + evidence).not.toContain('hush')
  })
})

describe('spans on their way', () => {
  const some = () => {
    const it = world()
    it.ledger.sent = 100
    it.ledger.acknowledged.add(1, 40)
    it.ledger.refused.add(41, 50)
    it.ledger.acknowledged.add(51, 100)
    for (let n = 1; n <= 100; n++) if (n < 61 || n > 70) it.held[n % 2 ? 'primary' : 'secondary'].add(n)
    return it
  }

  test.each<[line: string, atMs: number, found: Seen]>([
    ['probe: arrivals, tolerance: 0', 0, { found: 90 }],
    ['probe: arrivals, backend: primary, tolerance: 0', 0, { found: 45 }],
    ['probe: arrivals, backend: otlp/secondary, tolerance: 0', 0, { found: 45 }],
    // Span 61 was due at 6 s, span 70 at 6.9 s.
    ['probe: latency, tolerance: "< 1s"', 20_000, { found: 14 }],
    ['probe: loss, tolerance: 0', 20_000, { found: 10 }],
    ['probe: loss, tolerance: "< 1%"', 20_000, { found: 10 / 90 }],
    ['probe: loss, tolerance: 0', 16_450, { found: 5 }],
    ['probe: loss, after: 1h, tolerance: 0', 20_000, { found: 0 }],
  ])('%s at %i ms', async (line, atMs, found) => {
    const it = some()
    await it.host.clock.advance(atMs)
    expect(await look(line, it)).toEqual(found)
  })

  test('what comes later is no longer missing, and what is answered late is looked for', async () => {
    const it = some()
    await it.host.clock.advance(60_000)
    const made = PROBES.loss(wished('probe: loss, tolerance: 0')[0] as never, it.probing)
    expect(await made.look(it.view, NEVER)).toEqual({ found: 10 })
    for (let n = 61; n <= 70; n++) it.held.primary.add(n)
    expect(await made.look(it.view, NEVER)).toEqual({ found: 0 })
    it.ledger.acknowledged.add(101, 103)
    expect(await made.look(it.view, NEVER)).toEqual({ found: 3 })
  })

  test('a backend that only counts says which are missing to nobody', async () => {
    const it = some()
    const counting = { name: 'x', exporters: [], witness: async () => ({ counted: 5, off: 1, why: 'counters' }) }
    const probing = { ...it.probing, target: { backends: [counting] as never } }
    const seen = await PROBES.loss(wished('probe: loss, tolerance: 0')[0] as never, probing).look(it.view, NEVER)
    expect(seen).toMatchObject({ missing: expect.stringContaining('does not say which') })
    expect(await PROBES.arrivals(wished('probe: arrivals, tolerance: 0')[0] as never, probing).look(it.view, NEVER)).toEqual({
      found: 5,
    })
  })
})

describe('names that are not there are told before a run, with the nearest', () => {
  test.each([
    [
      'probe: queue, exporter: otlp/primry, tolerance: 0',
      'x.yaml:3:7: no exporter or connector is called `otlp/primry`; did you mean `otlp/primary`?',
    ],
    ['probe: arrivals, backend: third, tolerance: 0', 'no backend is called `third`'],
    ['probe: level, connector: failver, tolerance: 0', 'did you mean `failover`?'],
  ])('%s', async (line, message) => expect(look(line, world())).rejects.toThrow(message))
})

test('every type of an experiment has a probe', () => expect(Object.keys(PROBES).sort()).toEqual([...PROBE_TYPES].sort()))
