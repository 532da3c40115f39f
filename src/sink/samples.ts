import type { Sample } from '../metrics/prometheus.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import type { Ledger } from './ledger.ts'

/** A sink's own counters, as Prometheus names them. */
export function samplesOf(ledger: Ledger): Sample[] {
  const bySignals = (Object.keys(SIGNALS) as Signal[]).flatMap(signal => {
    const { requests, items, bytes } = ledger.of(signal)
    const labels = { signal }
    return [
      { name: 'failoverctl_sink_requests_total', labels, value: requests },
      { name: 'failoverctl_sink_items_total', labels, value: items },
      { name: 'failoverctl_sink_bytes_total', labels, value: bytes },
    ]
  })
  const refused = [...ledger.refused].map(([status, value]) => ({
    name: 'failoverctl_sink_refused_requests_total',
    labels: { status: status === 0 ? 'reset' : String(status) },
    value,
  }))
  const malformed = { name: 'failoverctl_sink_malformed_requests_total', labels: {}, value: ledger.malformed }
  const waiting = { name: 'failoverctl_sink_waiting_requests', labels: {}, value: ledger.waiting }
  const runs = [...ledger.tally.runs].flatMap(([run, witnesses]) =>
    Object.entries(witnesses)
      .filter(([, { seen }]) => seen.size > 0)
      .flatMap(([signal, { seen, repeated }]) => [
        { name: 'failoverctl_sink_run_items_total', labels: { run, signal }, value: seen.size },
        { name: 'failoverctl_sink_run_duplicates_total', labels: { run, signal }, value: repeated },
      ]),
  )
  return [...bySignals, ...refused, malformed, waiting, ...runs]
}
