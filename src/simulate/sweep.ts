import { FailoverctlError } from '../core/errors.ts'
import { type Data, dataAt, type Path } from '../source/change.ts'
import type { Simulation } from './result.ts'

/** One setting and the values that it is tried with. */
export interface Dimension {
  /** As it was given: `connectors.failover.retry_interval`, or `connectors.failover/*.retry_interval` for each of them. */
  readonly key: string
  /** The keys on the way, with `*` for any text inside of a key. */
  readonly path: readonly string[]
  readonly values: readonly string[]
}

/** One value for each dimension, in their order. */
export type Choice = readonly string[]

export interface Tried {
  readonly choice: Choice
  /** undefined: no collector would start with it. */
  readonly simulation: Simulation | undefined
  readonly refusal: string | undefined
}

const MOST_CHOICES = 500

/** `connectors.failover.retry_interval=1s,5s,30s`; `::` parts the keys where one of them has a dot. */
export function readDimension(text: string): Dimension {
  const [, key = '', list = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  const path = key.includes('::') ? key.split('::') : key.split('.')
  const values = list.split(',').map(value => value.trim())
  if (path.length < 2 || [...path, ...values].some(part => part === ''))
    throw new FailoverctlError(
      'wrong-use',
      `--sweep ${text} cannot be understood`,
      'Example: --sweep connectors.failover.retry_interval=1s,5s,30s',
    )
  return { key, path, values: [...new Set(values)] }
}

/** Every value of each dimension with every value of the others; the last one changes fastest. */
export function choicesOf(dimensions: readonly Dimension[]): Choice[] {
  const count = dimensions.reduce((product, { values }) => product * values.length, 1)
  if (count > MOST_CHOICES)
    throw new FailoverctlError(
      'wrong-use',
      `the sweep has ${count} combinations, more than ${MOST_CHOICES}`,
      'Leave some values out, or sweep one setting after the other.',
    )
  return dimensions.reduce<Choice[]>(
    (choices, { values }) => choices.flatMap(choice => values.map(value => [...choice, value])),
    [[]],
  )
}

/** Which settings of the config a dimension means. Throws `wrong-use` when it has no such component. */
export function settingsOf({ key, path }: Dimension, config: Data): Path[] {
  const found = path.reduce<readonly Path[]>(
    (paths, step, index) =>
      paths.flatMap(before => {
        const there = keysOf(dataAt(config, before))
        const named = step.includes('*') ? there.filter(name => pattern(step).test(name)) : [step]
        // The component has to be there; a setting of it may be new.
        return named.filter(name => index >= COMPONENT || there.includes(name)).map(name => [...before, name])
      }),
    [[]],
  )
  if (found.length > 0) return [...found]
  const [section = ''] = path
  const names = keysOf(dataAt(config, [section]))
  throw new FailoverctlError(
    'wrong-use',
    `--sweep ${key}: the config has no ${path.slice(0, COMPONENT).join('.')}`,
    names.length > 0
      ? `It has ${names.map(name => `${section}.${name}`).join(', ')}; * stands for any name.`
      : `Its sections are ${keysOf(config).join(', ')}.`,
  )
}

/** The section and the name in it. */
const COMPONENT = 2

const keysOf = (data: Data | undefined): string[] =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.keys(data) : []

const pattern = (step: string): RegExp =>
  new RegExp(
    `^${step
      .split('*')
      .map(text => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
    's',
  )

/** The choice as one more config, merged last: `yaml:` and a document, as a collector takes it. `settings` has the paths of each dimension. */
export function overlayOf(settings: readonly (readonly Path[])[], choice: Choice): string {
  const root = settings.reduce<Data>(
    (data, paths, index) => paths.reduce<Data>((inside, path) => put(inside, path, scalarOf(choice[index] as string)), data),
    {},
  )
  return `yaml:${JSON.stringify(root)}`
}

/** A number or a boolean where it reads as one, else text: `5s`, `true`, `1000`. */
export function scalarOf(text: string): Data {
  return /^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?)$/.test(text) ? (JSON.parse(text) as Data) : text
}

function put(data: Data, [step, ...rest]: Path, value: Data): Data {
  const map = (data ?? {}) as { readonly [key: string]: Data }
  return { ...map, [step as string]: rest.length > 0 ? put(map[step as string] ?? {}, rest, value) : value }
}

/**
 * The best of what was tried: all assertions hold, then the least lost, refused and duplicated, then the shortest recovery
 * and failover, each by its 95th percentile. undefined: none is good. The verdict does not count: what it allows depends on
 * the very settings that are tried.
 */
export function bestOf(tried: readonly Tried[]): Tried | undefined {
  const good = tried.filter(({ simulation }) => simulation?.assertions.every(({ holds }) => holds))
  return good.reduce<Tried | undefined>((best, one) => (best && !isBetter(one, best) ? best : one), undefined)
}

const MEASURES = ['lost', 'refused', 'duplicated', 'recovery_time', 'failover_time'] as const

function isBetter(one: Tried, other: Tried): boolean {
  for (const measure of MEASURES) {
    const [a, b] = [one, other].map(({ simulation }) => simulation?.spread[measure].p95 ?? Number.POSITIVE_INFINITY) as [
      number,
      number,
    ]
    if (a !== b) return a < b
  }
  return false
}
