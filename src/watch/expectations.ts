import { FailoverctlError } from '../core/errors.ts'
import type { CollectorStatus, Count, QueueStatus } from './status.ts'

/** What must be so, for CI and cron. */
export interface Expectation {
  /** As the person wrote it: `--expect-queue '<80%'`. */
  readonly text: string
  /** Whether it speaks of growth, and needs two looks. */
  readonly needsTwo: boolean
  /** What is wrong, a line each; none when it holds. */
  check(status: CollectorStatus): string[]
}

type Compare = (value: number) => boolean

interface Bound {
  readonly holds: Compare
  readonly percent: boolean
}

const COMPARE: Readonly<Record<string, (limit: number) => Compare>> = {
  '': limit => value => value === limit,
  '=': limit => value => value === limit,
  '==': limit => value => value === limit,
  '!=': limit => value => value !== limit,
  '<': limit => value => value < limit,
  '<=': limit => value => value <= limit,
  '>': limit => value => value > limit,
  '>=': limit => value => value >= limit,
}

function parseBound(flag: string, text: string, percentAllowed: boolean): Bound {
  const [, sign = '', number = '', percent = ''] = /^\s*(==?|!=|<=?|>=?|)\s*(-?\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? []
  const compare = COMPARE[sign]
  if (number === '' || !compare || (percent !== '' && !percentAllowed)) {
    throw new FailoverctlError(
      'wrong-use',
      `${flag} cannot be ${text}`,
      percentAllowed ? "Write a share or a size: '<80%', '<=500'." : "Write a number, with a comparison where wanted: 0, '<=1'.",
    )
  }
  return { holds: compare(Number(number)), percent: percent !== '' }
}

/** The flags that say what must be so. */
export interface Expected {
  readonly expectLevel?: string
  readonly expectQueue?: string
  readonly expectRefused?: string
  readonly expectFailed?: string
  readonly expectDropped?: string
  readonly expectHealth?: boolean
}

/** Throws `wrong-use` for a bound that is none. */
export function parseExpectations(expected: Expected): Expectation[] {
  const { expectLevel, expectQueue, expectRefused, expectFailed, expectDropped, expectHealth } = expected
  return [
    ...(expectLevel === undefined ? [] : [level(expectLevel)]),
    ...(expectQueue === undefined ? [] : [queue(expectQueue)]),
    ...(expectRefused === undefined
      ? []
      : [counted('refused', expectRefused, ({ received }) => [['receivers', received.refused]])]),
    ...(expectFailed === undefined ? [] : [counted('failed', expectFailed, failures)]),
    ...(expectDropped === undefined
      ? []
      : [counted('dropped', expectDropped, ({ received }) => [['processors', received.dropped]])]),
    ...(expectHealth ? [health] : []),
  ]
}

function level(text: string): Expectation {
  const { holds } = parseBound('--expect-level', text, false)
  return {
    text: `--expect-level ${text}`,
    needsTwo: false,
    check: ({ connectors }) =>
      connectors.length === 0
        ? ['no failover connector is seen in its metrics']
        : connectors.flatMap(({ id, level: found, evidence }) => {
            if (found === undefined) return [`${id}: the level is not known (${evidence})`]
            return holds(found) ? [] : [`${id} is at level ${found} (${evidence})`]
          }),
  }
}

function queue(text: string): Expectation {
  const { holds, percent } = parseBound('--expect-queue', text, true)
  const check = (id: string, found: QueueStatus | undefined): string[] => {
    if (!found) return []
    const { size, capacity } = found
    if (!percent) return holds(size) ? [] : [`the queue of ${id} holds ${size}`]
    if (!capacity) return [`the queue of ${id} holds ${size}, and its capacity is not known`]
    const share = (100 * size) / capacity
    return holds(share) ? [] : [`the queue of ${id} is ${Math.round(share)}% full (${size} of ${capacity})`]
  }
  return {
    text: `--expect-queue ${text}`,
    needsTwo: false,
    check: status => [
      ...status.connectors.flatMap(connector => [
        ...check(connector.id, connector.queue),
        ...connector.levels.flatMap(({ exporters }) => exporters.flatMap(exporter => check(exporter.id, exporter.queue))),
      ]),
      ...status.others.flatMap(exporter => check(exporter.id, exporter.queue)),
    ],
  }
}

const failures = (status: CollectorStatus): [string, Count][] => {
  const exporters = [...status.connectors.flatMap(({ levels }) => levels.flatMap(found => found.exporters)), ...status.others]
  return [['receivers', status.received.failed], ...exporters.map(({ id, failed }): [string, Count] => [id, failed])]
}

/** Of what grows, the growth between the two looks counts: what was refused last week is no news. */
function counted(what: string, text: string, counts: (status: CollectorStatus) => [string, Count][]): Expectation {
  const { holds } = parseBound(`--expect-${what}`, text, false)
  return {
    text: `--expect-${what} ${text}`,
    needsTwo: true,
    check: status =>
      counts(status).flatMap(([who, { grown }]) => {
        if (grown === undefined)
          return [`${who}: ${status.restarted ? 'it was started anew between the looks' : 'nothing is known of one look'}`]
        return holds(grown) ? [] : [`${who}: ${grown} ${what} between the looks`]
      }),
  }
}

const health: Expectation = {
  text: '--expect-health',
  needsTwo: false,
  check: ({ health: found }) => (found === 'ok' ? [] : [HEALTH[found]]),
}

const HEALTH = {
  'not-ok': 'the health check says no',
  'no-answer': 'the health check does not answer',
  unknown: 'nobody said where to ask: --collector …,health=http://host:13133',
  ok: '',
} as const

export interface Unmet {
  readonly collector: string
  readonly expectation: string
  readonly found: string
}

/** All that is not as it must be. A collector that cannot be read meets nothing. */
export const unmet = (all: readonly CollectorStatus[], expectations: readonly Expectation[]): Unmet[] =>
  all.flatMap(status =>
    expectations.flatMap(expectation =>
      (status.problem ? [status.problem.message] : expectation.check(status)).map(found => ({
        collector: status.name,
        expectation: expectation.text,
        found,
      })),
    ),
  )
