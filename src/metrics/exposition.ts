import type { Sample } from './prometheus.ts'

/** The kinds and help texts of the metrics that the embedded collector serves, as core 0.161 words them. */
const DESCRIPTIONS = new Map<string, readonly [type: 'gauge' | 'counter', help: string]>([
  [
    'otelcol_connector_failover_active_level',
    [
      'gauge',
      'The index of the priority level the connector currently routes data to, starting at 0 for the highest priority. Reports -1 when no active level remains after every level has failed. [Development]',
    ],
  ],
  [
    'otelcol_exporter_in_flight_requests',
    ['gauge', 'Number of export requests currently in-flight (including retry backoff). [Development]'],
  ],
  ['otelcol_exporter_queue_capacity', ['gauge', 'Fixed capacity of the retry queue (in batches). [Alpha]']],
  ['otelcol_exporter_queue_size', ['gauge', 'Current size of the retry queue (in batches). [Alpha]']],
  ['otelcol_process_uptime', ['counter', 'Uptime of the process [Alpha]']],
  ['target_info', ['gauge', 'Target metadata']],
])

const FALLBACK: readonly (readonly [RegExp, string])[] = [
  [/_send_failed_/, 'Number of items in failed attempts to send to destination.'],
  [/_exporter_sent_/, 'Number of items successfully sent to destination. [Alpha]'],
  [/_accepted_/, 'Number of items successfully pushed into the pipeline. [Alpha]'],
  [/_refused_/, 'Number of items that could not be pushed into the pipeline. [Alpha]'],
]

/** Prometheus text, sorted by name as the collector's own. */
export function exposition(samples: readonly Sample[]): string {
  const names = [...new Set(samples.map(({ name }) => name))].sort()
  return names
    .map(name =>
      family(
        name,
        samples.filter(sample => sample.name === name),
      ),
    )
    .join('')
}

function family(name: string, samples: readonly Sample[]): string {
  const [type, help] = DESCRIPTIONS.get(name) ?? ['counter', FALLBACK.find(([pattern]) => pattern.test(name))?.[1] ?? name]
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`).sort()
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

/** `{name="value"}`, or nothing where there is none. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`)
  return pairs.length > 0 ? `{${pairs.sort().join(',')}}` : ''
}

const escaped = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`)
