import { levelNames } from './gateway.ts'
import { hasAgents, type KitFile, type KitWish, PLATFORMS, SHAPES } from './wish.ts'

/** What was computed for one outage of level 0. Seconds; null where it did not happen. */
export interface ComputedOutage {
  /** What it does meanwhile: `refuses connections`. */
  readonly what: string
  /** The command that computes it again. */
  readonly command: string
  readonly failover_s: number | null
  readonly recovery_s: number | null
  /** Acknowledged spans. */
  readonly lost: number
}

/** What a person needs to know who finds the folder. */
export const readmeFile = (wish: KitWish, files: readonly string[], outages: readonly ComputedOutage[]): KitFile => ({
  path: 'README.md',
  text: `# ${wish.name}: telemetry that fails over

${capital(SHAPES[wish.shape])}. ${capital(PLATFORMS[wish.platform])}.

The levels of the gateway, highest first: ${levelNames(wish).join(', ')}.

| when level 0                | failover after | recovery after | lost    | computed by |
| --------------------------- | -------------- | -------------- | ------- | ----------- |
${outages.map(row).join('\n')}

## Start it

${START[wish.platform](wish)}

## Trust it

\`\`\`
failoverctl validate                          # what a collector accepts and what never fails over
failoverctl simulate gateway.yaml --outage level0=60s..10m
failoverctl chaos --stop level0               # on the embedded lab; --target runs it against the real thing
failoverctl chaos --experiment experiments/partition.yaml
${STATUS[wish.platform](wish)} --expect-level 0
\`\`\`

\`failoverctl init --explain\` says why each line of each file is there.

## What is here

${files.map(path => `- \`${path}\`: ${ABOUT.find(([pattern]) => pattern.test(path))?.[1] ?? 'a part of the set-up'}`).join('\n')}
`,
})

const capital = (text: string) => text[0]?.toUpperCase() + text.slice(1)

const row = ({ what, command, failover_s, recovery_s, lost }: ComputedOutage) =>
  `| ${what.padEnd(27)} | ${seconds(failover_s).padEnd(14)} | ${seconds(recovery_s).padEnd(14)} | ${(lost === 0 ? 'nothing' : `${lost} spans`).padEnd(7)} | \`${command}\` |`

function seconds(value: number | null): string {
  if (value === null) return 'never'
  return value < 0.1 ? 'under 0.1 s' : `${Math.round(value * 10) / 10} s`
}

const START: Readonly<Record<KitWish['platform'], (wish: KitWish) => string>> = {
  file: wish => `\`\`\`
otelcol-contrib --config=gateway.yaml
${hasAgents(wish.shape) ? 'otelcol-contrib --config=agent.yaml     # on every node\n' : ''}\`\`\``,
  compose: () => '```\ndocker compose up -d\n```',
  kubernetes: wish => `\`\`\`
kubectl apply -f gateway-manifests.yaml${hasAgents(wish.shape) ? ' -f agent-manifests.yaml' : ''}
\`\`\`

Later changes of a config: \`failoverctl deploy gateway.yaml\`, which goes back when something is wrong.`,
}

const STATUS: Readonly<Record<KitWish['platform'], (wish: KitWish) => string>> = {
  file: () => 'failoverctl status',
  compose: () => 'failoverctl status --compose compose.yaml',
  kubernetes: ({ name, namespace }) => `failoverctl status --kubernetes -l app=${name} -n ${namespace}`,
}

const ABOUT: readonly (readonly [RegExp, string])[] = [
  [/^gateway\.yaml$/, 'the config of the collector that fails over'],
  [/^agent\.yaml$/, 'the config of the collector on every node'],
  [/^gateway-manifests/, 'the gateway as a StatefulSet, with its config inside'],
  [/^agent-manifests/, 'the agents as a DaemonSet, with their config inside'],
  [/^compose/, 'the containers and their volumes'],
  [/^failoverctl/, "what failoverctl's commands take from here instead of flags"],
  [/^alerts-tests/, 'unit tests of the alerts, for promtool'],
  [/^alerts-resource/, 'the same rules for the Prometheus operator'],
  [/^alerts/, 'rules for Prometheus: failed over, all levels down, queues, refusals'],
  [/changed\.yaml$/, 'the config with a mistake that bad-config.yaml rolls out'],
  [/^experiments\//, 'an experiment for failoverctl chaos or simulate'],
  [/^\.github/, 'checks, computes and tests the failover on every change'],
]
