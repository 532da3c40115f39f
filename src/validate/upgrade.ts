import { exporterType } from '../collector/component-types.ts'
import type { Graph } from '../collector/graph.ts'
import { readGraph } from '../collector/read-graph.ts'
import { asText, keyAt } from '../collector/settings.ts'
import type { Version } from '../collector/versions.ts'
import { type At, lookup } from '../source/value.ts'
import { type Finding, ruleFindings } from './check.ts'

export interface Upgrade {
  readonly from: Version
  readonly to: Version
}

/** What breaks or changes for a config between two releases: each finding once, in the order of the releases at which they begin. */
export function upgradeFindings({ root }: Graph, { from, to }: Upgrade): Finding[] {
  let before = keysOf(ruleFindings(readGraph(root, from)))
  const found: Finding[] = []
  for (let minor = from.minor + 1; minor <= to.minor; minor++) {
    const graph = readGraph(root, { text: `0.${minor}.0`, minor, patch: 0 })
    const now = ruleFindings(graph)
    found.push(...now.filter(finding => !before.has(keyOf(finding))).map(finding => begun(finding, minor)))
    found.push(...CHANGES.filter(({ release }) => release === minor).flatMap(change => changed(change, graph)))
    before = keysOf(now)
  }
  return withoutRepeats(found)
}

const keyOf = ({ rule, at, severity }: Finding): string => JSON.stringify([rule, severity, at])
const keysOf = (findings: readonly Finding[]): ReadonlySet<string> => new Set(findings.map(keyOf))

const begun = (finding: Finding, minor: number): Finding => ({ ...finding, message: `from 0.${minor} on: ${finding.message}` })

// What goes and comes again is told once.
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const told = new Set<string>()
  return findings.filter(finding => !told.has(keyOf(finding)) && told.add(keyOf(finding)))
}

/** A change of behaviour that no setting shows. */
interface Change {
  readonly release: number
  readonly severity: Finding['severity']
  readonly places: (graph: Graph) => readonly (At | undefined)[]
  readonly message: string
  readonly hint: string
}

/** By the changelogs of core and contrib; the releases of pull requests 32017, 36605 and 38064 by the dates of their merges. */
const CHANGES: readonly Change[] = [
  {
    release: 98,
    severity: 'info',
    places: ({ failovers }) =>
      failovers.flatMap(({ component: { settings } }) =>
        asText(lookup(settings, 'max_retries')) === '0' ? keyAt(settings, ['max_retries']) : [],
      ),
    message: '`max_retries: 0` means that a level is tried again for ever, but nothing recovers with it until 0.116',
    hint: 'Remove it, or go to 0.116 or later.',
  },
  {
    release: 104,
    severity: 'warning',
    places: ({ components }) =>
      [...components.receivers.values()]
        .filter(({ type }) => type === 'otlp')
        .flatMap(({ settings }) =>
          ['grpc', 'http']
            .filter(protocol => !asText(lookup(settings, 'protocols', protocol, 'endpoint')))
            .map(protocol => keyAt(settings, ['protocols', protocol])),
        ),
    message: 'a receiver without an endpoint listens on localhost only, and no longer on every address',
    hint: 'Write the endpoint, such as `0.0.0.0:4317`, where other machines send.',
  },
  {
    release: 121,
    severity: 'info',
    places: ({ failovers }) => failovers.map(({ component }) => component.at),
    message:
      'recovery is another: one batch is tried on the higher levels each retry_interval, and without traffic nothing recovers',
    hint: 'Set `retry_interval` to the recovery time that you want.',
  },
  {
    release: 148,
    severity: 'error',
    places: ({ components }) =>
      [...components.exporters.values()]
        .filter(({ type }) => exporterType(type) === 'kafka')
        .flatMap(({ settings }) => [keyAt(settings, ['topic']), keyAt(settings, ['encoding'])]),
    message: 'kafka takes `topic` and `encoding` for each signal only: a collector does not start',
    hint: 'Write `traces: {topic: …, encoding: …}`, and so on for each signal.',
  },
  {
    release: 163,
    severity: 'error',
    places: ({ failovers }) =>
      failovers.map(({ component: { settings } }) =>
        lookup(settings, 'condition', 'error', 'contains')?.kind === 'scalar'
          ? keyAt(settings, ['condition', 'error', 'contains'])
          : undefined,
      ),
    message: '`contains` is a list: a collector does not start with a single text',
    hint: 'Write `contains: [text]`.',
  },
]

const changed = ({ release, severity, places, message, hint }: Change, graph: Graph): Finding[] =>
  places(graph).flatMap(at =>
    at
      ? {
          rule: 'upgrade',
          severity,
          kind: severity === 'error' ? 'refused' : 'advice',
          at,
          message: `from 0.${release} on: ${message}`,
          hint,
        }
      : [],
  )
