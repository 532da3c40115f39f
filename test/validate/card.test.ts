import { describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { parseVersion } from '../../src/collector/versions.ts'
import { plainPainter } from '../../src/core/paint.ts'
import { cardText } from '../../src/formats/card-text.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { cardsOf } from '../../src/validate/card.ts'
import type { Expected } from '../../src/validate/rule.ts'

const OFF = 'sending_queue: { enabled: false }, retry_on_failure: { enabled: false }'
const config = ({ a = OFF, connector = 'retry_interval: 5s', type = 'otlp', processors = '' }) => `
exporters: { ${type}/a: { endpoint: "a:4317", ${a} }, file/b: { path: /var/b.jsonl, append: true } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]], ${connector} } }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [${processors}], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [${type}/a] }
    traces/b: { receivers: [failover], exporters: [file/b] }
`
function cardFor(parts: Parameters<typeof config>[0], expected: Expected = {}, release = '0.163') {
  const [card] = cardsOf(readGraph(readYaml('c.yaml', config(parts)) as MapValue, parseVersion(release)), expected)
  if (!card) throw new Error('no card')
  return card
}

describe('the worst case of each time, from the settings', () => {
  test.each<[string, Parameters<typeof config>[0], Expected, number | null, number | null]>([
    ['a timeout by default', {}, {}, 0, 5000],
    ['a timeout of its own', { a: `${OFF}, timeout: 2s` }, {}, 0, 2000],
    ['HTTP waits longer by default', { type: 'otlphttp' }, {}, 0, 30_000],
    ['no timeout', { a: `${OFF}, timeout: 0s` }, {}, 0, null],
    ['retries come first', { a: 'sending_queue: { enabled: false }' }, {}, 300_000, 305_000],
    ['retries for ever', { a: 'sending_queue: { enabled: false }, retry_on_failure: { max_elapsed_time: 0 }' }, {}, null, null],
    ['a queue, and no rate', { a: 'retry_on_failure: { enabled: false }' }, {}, null, null],
    ['a queue that blocks', { a: 'sending_queue: { block_on_overflow: true }' }, { requestsPerSecond: 1000 }, null, null],
    // 10 consumers hold a request for 100 s each: 0.1 a second leave it, 1.1 come.
    [
      'a queue that fills',
      {
        a: 'sending_queue: { queue_size: 100 }, retry_on_failure: { initial_interval: 1s, max_elapsed_time: 100s }, timeout: 1ns',
      },
      { requestsPerSecond: 1.1 },
      100_000,
      100_000,
    ],
    [
      'a queue that drops as fast as it fills',
      { a: 'retry_on_failure: { enabled: false }' },
      { requestsPerSecond: 1 },
      null,
      null,
    ],
  ])('%s', (_, parts, expected, refused, hanging) => {
    const { failover } = cardFor(parts, expected)
    expect([failover.refused.ms, failover.hanging.ms].map(ms => ms && Math.round(ms))).toEqual([refused, hanging])
  })

  test('recovery is the interval, and what gRPC waits before it dials', () => {
    expect(cardFor({}).recovery.ms).toBe(149_000)
    expect(cardFor({ type: 'otlphttp' }).recovery.ms).toBe(5000)
    expect(cardFor({ type: 'otlphttp', connector: 'sending_queue: {}' }).recovery.ms).toBe(600_000)
    expect(cardFor({ type: 'otlphttp', connector: 'retry_gap: 7s, retry_interval: 60s' }, {}, '0.120').recovery.ms).toBe(67_000)
  })

  test('each part says its line', () => {
    expect(cardFor({ a: `${OFF}, timeout: 2s` }).failover.hanging.parts).toMatchObject([{ ms: 2000, at: { line: 2 } }])
  })
})

describe('what becomes of the data', () => {
  test('with the queue of the connector senders see success, and a crash loses what waits', () => {
    const { fate } = cardFor({})
    expect(fate.allFail).toMatch(/^success: the connector's queue has answered/)
    expect(fate.crash).toEqual(["what waits in the connector's queue: up to 1000 requests, acknowledged already"])
  })

  test('without it they see an error, and nothing acknowledged is lost', () => {
    const { fate } = cardFor({ connector: 'sending_queue: { enabled: false }' })
    expect(fate.allFail).toMatch(/^an error \(503/)
    expect(fate.crash).toEqual(['nothing that a sender has an answer for'])
  })

  test('a batch processor before it answers first', () => {
    const { fate } = cardFor({ connector: 'sending_queue: { enabled: false }', processors: 'batch' })
    expect(fate.allFail).toMatch(/^success: `batch` has answered/)
    expect(fate.crash).toEqual(['what `batch` holds: it is acknowledged already'])
  })
})

describe('exporters behind connectors of a level', () => {
  const nested = (queue: string) => `
exporters: { otlp/a: { endpoint: "a:1", ${OFF} }, otlp/b: { endpoint: "b:1", ${OFF}, timeout: 2s }, file/c: { path: /c } }
connectors:
  forward:
  failover/near: { priority_levels: [[traces/a], [traces/b]], sending_queue: { enabled: ${queue} } }
  failover: { priority_levels: [[traces/near], [traces/c]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/near: { receivers: [failover], exporters: [forward] }
    traces/on: { receivers: [forward], exporters: [failover/near] }
    traces/a: { receivers: [failover/near], exporters: [otlp/a] }
    traces/b: { receivers: [failover/near], exporters: [otlp/b] }
    traces/c: { receivers: [failover], exporters: [file/c] }
`
  const outer = (queue: string) =>
    cardsOf(readGraph(readYaml('c.yaml', nested(queue)) as MapValue)).find(({ connector }) => connector === 'failover')

  test('are on the card, and all of their timeouts go by before the next level', () => {
    const card = outer('false')
    expect(card?.levels[0]?.pipelines.map(({ id }) => id)).toEqual(['traces/near', 'traces/on', 'traces/a', 'traces/b'])
    expect(card?.failover.hanging.ms).toBe(7000)
    expect(card?.recovery.parts.map(({ what }) => what).join()).toContain('otlp/a dials again')
  })

  test('say no error where the connector has a queue', () => {
    expect(outer('true')?.failover.hanging).toMatchObject({
      ms: null,
      parts: [{ what: 'level 0: failover/near accepts first, no error comes back' }],
    })
  })

  test('a circle ends', () => {
    const text = nested('false').replace('exporters: [otlp/b]', 'exporters: [forward]')
    expect(cardsOf(readGraph(readYaml('c.yaml', text) as MapValue))).toHaveLength(2)
  })
})

test('a card for a person', () => {
  const text = cardText(
    [cardFor({ a: `${OFF}, timeout: 2s`, connector: 'sending_queue: { enabled: false }, retry_interval: 5s' })],
    plainPainter,
  )
  expect(text).toBe(`failover (traces)  c.yaml:3
  level 0             traces/a → otlp/a (a:4317)
  level 1             traces/b → file/b (/var/b.jsonl)
  failover, refused   at once
  failover, hanging   up to 2s
                          2s  level 0: otlp/a waits for an answer (timeout)  c.yaml:2
  recovery            up to 2m29s
                          5s  until the next try (retry_interval)  c.yaml:3
                       2m24s  otlp/a dials again (gRPC reconnect backoff; grows with the outage)  c.yaml:2
  data waits in       the file of \`file/b\`
  a crash loses       nothing that a sender has an answer for
  all levels fail     the sender sees an error (503 over HTTP, UNAVAILABLE over gRPC) until the next batch after a retry_interval (5s), also when a backend is back before: it has to send again
`)
})

test('secrets in an address are not shown, nor what a variable gave', () => {
  const text = config({}).replace('a:4317', 'https://user:hunter2@a:4317')
  const cards = cardsOf(readGraph(readYaml('c.yaml', text) as MapValue))
  expect(cards[0]?.levels[0]?.pipelines[0]?.exporters).toEqual([{ id: 'otlp/a', endpoint: 'https://a:4317' }])
  expect(JSON.stringify(cards)).not.toContain('hunter2')
})
