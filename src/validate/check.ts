import { collectorFailover } from '#schemas'
import type { Graph } from '../collector/graph.ts'
import { datedSettings } from '../collector/history.ts'
import { readGraph } from '../collector/read-graph.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type Config, readConfig } from '../source/read-config.ts'
import { schemaNotes } from '../source/schema.ts'
import { type At, type Note, plain } from '../source/value.ts'
import { withIgnoredKeys } from './ignored-keys.ts'
import { withoutLostSettings } from './lost-settings.ts'
import type { Expected, Fix, Kind, Severity } from './rule.ts'
import { RULES } from './rules/index.ts'

/** Something wrong with a config, for a person to look at. */
export interface Finding {
  /** The id of a rule, or of what the reader or the schema remarked. */
  readonly rule: string
  readonly severity: Severity
  readonly kind: Kind
  readonly at: At
  readonly message: string
  readonly hint?: string
  readonly fix?: Fix
}

export interface Checked {
  readonly graph: Graph
  /** In the order of the files and lines. */
  readonly findings: readonly Finding[]
  readonly files: readonly string[]
  readonly texts: ReadonlyMap<string, string>
}

/** What a config is read from, and the manifests in other files, texts by file, that say what runs it. */
export interface Surroundings extends Pick<Host, 'files' | 'env'> {
  readonly beside?: ReadonlyMap<string, string>
}

const NOTHING: ReadonlyMap<string, string> = new Map()

/** Reads what `--config` names and holds it against the schema and every rule, for a collector of that version. */
export async function checkConfig(
  locations: readonly string[],
  version: Version,
  { files, env, beside = NOTHING }: Surroundings,
  expected: Expected = {},
): Promise<Checked> {
  const read = (nth: number) => readConfig(locations, { read: path => files.read(path), env, nth })
  const config = await read(0)
  const first = { ...check(config, version, expected), files: config.files, texts: config.texts }
  if (config.wrapped === 0 && beside.size === 0) return first
  const { checkWrapped } = await import('./check-wrapped.ts')
  return checkWrapped(first, { count: config.wrapped, beside }, async nth => check(await read(nth), version, expected))
}

/** Throws `not-a-config` for YAML that is something else: every finding in it would be noise. */
export function check(
  { root, notes, files }: Pick<Config, 'root' | 'notes' | 'files'>,
  version: Version,
  expected: Expected = {},
): { graph: Graph; findings: Finding[] } {
  if (!root.entries.has('service')) throw notAConfig(files)
  const graph = readGraph(root, version)
  const fromRules = ruleFindings(graph, expected)
  const judged = new Set(
    [...fromRules.filter(({ kind }) => kind === 'refused'), ...datedSettings(graph)].map(({ at }) => placeOf(at)),
  )
  // A rule that looks at the same word says more than the schema can.
  const fromSchema = withIgnoredKeys(graph, notesOfSchema(graph)).filter(({ at }) => !judged.has(placeOf(at)))
  const findings = [...[...notes, ...fromSchema].map(findingOf), ...fromRules]
  return { graph, findings: findings.sort(inOrderOf(files)) }
}

/** What the rules say about a graph, in the order of the rules. */
export const ruleFindings = (graph: Graph, expected: Expected = {}): Finding[] =>
  RULES.flatMap(rule =>
    Array.from(rule.check(graph, expected), ({ at, message, hint, fix, severity = rule.severity, kind = rule.kind }): Finding => {
      return { rule: rule.id, severity, kind, at, message, ...(hint ? { hint } : {}), ...(fix ? { fix } : {}) }
    }),
  )

function notAConfig(files: readonly string[]): FailoverctlError {
  const message = `${files.join(' + ')}: no Collector config, there is no \`service\` in it`
  return new FailoverctlError(
    'not-a-config',
    message,
    'A config has a `service` with `pipelines`. One inside a ConfigMap, an OpenTelemetryCollector or Helm values is found, too.',
  )
}

function notesOfSchema(graph: Graph): Note[] {
  const root = withoutLostSettings(graph.root)
  return collectorFailover(plain(root)) ? [] : schemaNotes(root, collectorFailover.errors ?? [])
}

const findingOf = ({ id, severity, at, message, meant }: Note): Finding => ({
  rule: id,
  severity,
  kind: severity === 'error' ? 'refused' : 'advice',
  at,
  message,
  ...(meant ? { fix: { title: `write \`${meant.to}\``, changes: [{ kind: 'reference', ...meant }] } } : {}),
})

const placeOf = ({ file, line, column }: At): string => `${file}\n${line}\n${column}`

/** By file, those of other files last, and by place. */
export const inOrderOf = (files: readonly string[]) => {
  const rank = ({ file }: At) => (files.includes(file) ? files.indexOf(file) : files.length)
  return (a: Finding, b: Finding): number => rank(a.at) - rank(b.at) || a.at.line - b.at.line || a.at.column - b.at.column
}
