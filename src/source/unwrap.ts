import { isMap, isScalar } from 'yaml'
import { FailoverctlError } from '../core/errors.ts'
import type { Path } from './change.ts'
import { merge } from './merge.ts'
import { readDocuments, readYaml } from './read-yaml.ts'
import { notYaml } from './text-place.ts'
import { type At, lookup, type MapValue, type Value } from './value.ts'
import { follow, type Tree, treeOf } from './yaml-tree.ts'

/** A collector config inside of another file: a ConfigMap, an OpenTelemetryCollector resource, Helm values. */
export interface Wrapped {
  /** With places in the outer file. */
  readonly root: MapValue
  /** The part of the outer text that is a config by itself; undefined where an edit would not know how to write. */
  readonly window: { readonly start: number; readonly end: number } | undefined
}

/** All configs that a file holds inside of something else; none where the file is itself a config. */
export function unwrap(file: string, text: string): Wrapped[] {
  if (!mayWrap(text)) return []
  const found: Wrapped[] = []
  for (const { value, document } of readDocuments(file, text)) {
    if (isWhole(value)) return []
    const tree = treeOf(text, document)
    const isChart = lookup(value, 'kind') === undefined
    for (const { path, inside } of places(value, [])) {
      const wrapped = inside.kind === 'map' ? fromMap(tree, path, inside, isChart) : fromText(file, tree, path, inside)
      if (wrapped) found.push(wrapped)
    }
  }
  return found
}

// Nearly all files say so at first sight. The values of a Helm chart may have a `service` of their own at the top.
const mayWrap = (text: string) => /service["']?\s*:/.test(text.replace(/^["']?service["']?\s*:/gm, ''))

const isConfig = (value: Value): value is MapValue => value.kind === 'map' && lookup(value, 'service')?.kind === 'map'
const isWhole = (value: Value) => isConfig(value) && lookup(value, 'service', 'pipelines')?.kind === 'map'

const LOOKS_LIKE_ONE = /^service\s*:/m

function* places(value: Value, path: Path): Generator<{ path: Path; inside: Value }> {
  if (isWhole(value)) return yield { path, inside: value }
  if (value.kind === 'scalar') {
    if (typeof value.value === 'string' && LOOKS_LIKE_ONE.test(value.value)) yield { path, inside: value }
    return
  }
  const steps =
    value.kind === 'map' ? Array.from(value.entries, ([key, entry]) => [key, entry.value] as const) : value.items.entries()
  for (const [step, inside] of steps) yield* places(inside, [...path, step])
}

function fromMap(tree: Tree, path: Path, config: MapValue, isChart: boolean): Wrapped {
  const root = isChart && path.at(-1) === 'config' ? (merge(chartDefaults(), config) as MapValue) : config
  const node = nodeAt(tree, path)
  if (!isMap(node) || !node.range) return { root, window: undefined }
  const [start, end] = node.range
  return { root, window: { start: node.flow ? start : tree.text.lastIndexOf('\n', start - 1) + 1, end } }
}

function nodeAt(tree: Tree, path: Path): unknown {
  try {
    return follow(tree, path).node
  } catch {
    return undefined
  }
}

// The lines of a `|` text, as far in as they are, are YAML as well: read in their place, they have the right positions.
function fromText(file: string, tree: Tree, path: Path, outer: Value): Wrapped | undefined {
  const node = nodeAt(tree, path)
  const inner = outer.kind === 'scalar' ? outer.text : ''
  if (!isScalar(node) || node.type !== 'BLOCK_LITERAL' || !node.range) return fromQuoted(file, inner, outer.at)
  const start = tree.text.indexOf('\n', node.range[0]) + 1
  const end = node.range[1]
  const before = tree.text.slice(0, start).replace(/[^\r\n]/g, '')
  const root = readInner(inner, () => readYaml(file, before + tree.text.slice(start, end)))
  return root && { root, window: { start, end } }
}

// Lines of a text in quotes are no lines of the file: all of it stands where the text begins.
function fromQuoted(file: string, inner: string, at: At): Wrapped | undefined {
  const root = readInner(inner, () => placedAt(readQuoted(file, inner, at), at))
  return root && { root, window: undefined }
}

function readQuoted(file: string, inner: string, at: At): Value {
  try {
    return readYaml(file, inner)
  } catch (error) {
    if (!(error instanceof FailoverctlError)) throw error
    throw notYaml(at, 'the config in this text is not valid YAML', 'Put it into a file of its own to see where.')
  }
}

// A text that only looks like a config may be anything, a script for one, and need not be YAML.
function readInner(inner: string, read: () => Value): MapValue | undefined {
  try {
    const root = read()
    return isConfig(root) ? root : undefined
  } catch (error) {
    if (!(error instanceof FailoverctlError) || /^(receivers|exporters)\s*:/m.test(inner)) throw error
    return undefined
  }
}

function placedAt(value: Value, at: At): Value {
  if (value.kind === 'scalar') return { ...value, at }
  if (value.kind === 'list') return { ...value, at, items: value.items.map(item => placedAt(item, at)) }
  const entries = Array.from(
    value.entries,
    ([key, entry]) => [key, { ...entry, keyAt: at, value: placedAt(entry.value, at) }] as const,
  )
  return { ...value, at, entries: new Map(entries) }
}

/** How what the chart adds is called in places: no file that anybody wrote. */
export const CHART = '<chart>'

/** What the chart opentelemetry-collector merges `config:` into, without the pipelines and with less in each component (values.yaml). */
const chartDefaults = (): Value =>
  readYaml(
    CHART,
    `
exporters: { debug: {}, logging: {} }
extensions: { health_check: { endpoint: "localhost:13133" } }
processors: { batch: {}, memory_limiter: { check_interval: 5s, limit_percentage: 80, spike_limit_percentage: 25 } }
receivers: { jaeger: {}, otlp: { protocols: { grpc: {}, http: {} } }, prometheus: {}, zipkin: {} }
service: { extensions: [health_check] }
`,
  )
