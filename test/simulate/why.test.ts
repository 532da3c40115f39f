import { describe, expect, test } from 'vitest'
import type { Wish } from '../../src/experiment/wish.ts'
import type { Why } from '../../src/simulate/result.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { ruleFindings } from '../../src/validate/check.ts'
import { type Choices, config, fault, setup } from './configs.ts'

/** Why, as `kind rule line: what`, with the spans or seconds that it was. */
function why(choices: Choices, wish: Partial<Wish>): Why[] {
  const text = config(choices)
  const { graph, failover, scenario } = setup(text, { traffic: 100, ...wish }, '0.161.0')
  const identity = { target: 'the model', config: 'config.yaml', collector_version: '0.161.0', run: '0'.repeat(16) }
  return [...simulate({ graph, failover, scenario, findings: ruleFindings(graph), claims: [], identity }).why]
}

const ON = '{ enabled: true }'
const BOTH = [fault('stop', 'primary=60s..120s'), fault('stop', 'secondary=60s..62s')]

describe('each loss and each wait has its cause, its rule and its line', () => {
  test.each<[what: string, Choices, Partial<Wish>, expected: Partial<Why>]>([
    [
      'a queue of the connector that has acknowledged what no level takes',
      { connectorQueue: '{}' },
      { faults: BOTH },
      {
        kind: 'loss',
        count: 500,
        rule: 'connector-answers-early',
        what: 'failover had acknowledged it and gave it up: every level had failed',
      },
    ],
    [
      'the same without it',
      {},
      { faults: BOTH },
      { kind: 'refusal', count: 500, rule: null, what: 'every level of failover had failed: the sender was told' },
    ],
    [
      'a batch processor behind the connector',
      { levelProcessors: '[batch]' },
      { faults: [fault('stop', 'primary=60s..62s')] },
      { kind: 'loss', rule: 'batch-hides-errors' },
    ],
    [
      'a backend that hangs',
      { wire: 'otlp_http', timeout: '1m' },
      { faults: [fault('pause', 'primary=60s..5m')], senderTimeoutMs: 120_000 },
      {
        kind: 'wait',
        seconds: 60.001,
        rule: 'sender-gives-up-first',
        what: 'until failover: otlp_http/primary waits for its timeout',
      },
    ],
    [
      'a sender that gives up before the exporter does',
      { wire: 'otlp_http', timeout: '15s' },
      { faults: [fault('pause', 'primary=60s..5m')] },
      {
        kind: 'wait',
        rule: 'sender-gives-up-first',
        what: 'no failover: senders give up after 10s, before the timeout of otlp_http/primary (15s), and what they give up is cancelled on every level',
      },
    ],
    [
      'the requests that it gave up',
      { wire: 'otlp_http', timeout: '15s' },
      { faults: [fault('pause', 'primary=60s..5m')] },
      { kind: 'unknown', rule: 'sender-gives-up-first', what: 'the sender gave up: no answer within 10s' },
    ],
    [
      'a queue behind the connector',
      { queue: '{ queue_size: 50 }', retry: ON },
      { faults: [fault('stop', 'primary=60s..90s')] },
      {
        kind: 'wait',
        rule: 'queue-hides-errors',
        what: 'until failover: the queue of otlp_grpc/primary takes everything until it is full',
      },
    ],
    [
      'a tick that is far away',
      { wire: 'otlp_http', interval: '20m' },
      { faults: [fault('stop', 'primary=60s..70s')] },
      { kind: 'wait', seconds: 1190.001, rule: 'slow-recovery' },
    ],
    [
      'two pipelines in a level',
      { alsoInLevel0: true },
      { faults: [fault('stop', 'primary=60s..61s')] },
      { kind: 'duplicate', rule: 'level-duplicates' },
    ],
    [
      'a file that is emptied',
      { lastIsFile: '{ path: /tmp/backup.jsonl }' },
      { faults: [fault('stop', 'primary=60s..3m'), fault('crash', 'collector@2m')] },
      { kind: 'loss', rule: 'backup-truncated' },
    ],
    [
      'a queue in memory when the collector dies',
      { queue: '{}', retry: ON },
      { faults: [fault('stop', 'primary=60s..3m'), fault('crash', 'collector@70s')] },
      { kind: 'loss', rule: 'queue-hides-errors', what: 'otlp_grpc/primary had it in memory only when the collector died' },
    ],
  ])('%s', (_, choices, wish, expected) => {
    const found = why(choices, wish)
    expect(found).toContainEqual(expect.objectContaining(expected))
    const named = found.find(each => each.rule === expected.rule)
    expect(named).toMatchObject({ file: 'config.yaml', line: expect.any(Number) })
  })

  test('requests that the collector never answered, because it died', () => {
    const unanswered = (wish: Partial<Wish>) =>
      why({ wire: 'otlp_http', timeout: '5s' }, wish).filter(({ kind }) => kind === 'unknown')
    const hang = fault('pause', 'primary=60s..5m')
    expect(unanswered({ faults: [hang, fault('crash', 'collector@62s')] })).toMatchObject([
      { what: 'the collector died before it had answered', count: 200 },
    ])
  })

  test('nothing happened, nothing to explain', () => expect(why({ wire: 'otlp_http' }, {})).toEqual([]))
})
