import type { Component } from '../../collector/graph.ts'
import { settingsOf } from '../../collector/settings.ts'
import { formatDuration } from '../../core/duration.ts'
import { placedExporters } from '../levels.ts'
import type { Expected, Remark, Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const backupSize: Rule = {
  id: 'backup-size',
  severity: 'info',
  kind: 'loss',
  title: 'A backup has room for the outage that it is for',
  why: `With \`rotation\` the file exporter deletes the oldest file when there are more than \`max_backups\` besides the one that it writes, or when it is older
than \`max_days\`: (max_backups + 1) × max_megabytes is all that it keeps (contrib 0.161.0, fileexporter with timberjack; defaults 100 files of 100 MB).
State the outage with \`--outage\` and the traffic with \`--rate\` to have it judged.`,

  *check(graph, expected = {}) {
    for (const { exporter } of placedExporters(graph)) {
      if (exporter.type === 'file') yield* remarksOn(exporter, expected)
    }
  },

  bad: [
    `
exporters: { file: { path: /var/backup.jsonl, «rotation»: { max_megabytes: 100, max_backups: 5 } } }
connectors: { failover: { priority_levels: [[traces/backup]] } }
service: { pipelines: { traces/backup: { receivers: [failover], exporters: [file] } } }
`,
  ],

  good: [
    `
exporters: { file: { path: /var/backup.jsonl, rotation: { max_megabytes: 100, max_backups: 0 } }, file/log: { rotation: { max_backups: 1 } } }
connectors: { failover: { priority_levels: [[traces/backup]] } }
service: { pipelines: { traces/backup: { receivers: [failover], exporters: [file] } } }
`,
  ],
}

const MEGABYTE = 1024 * 1024
const DAY_MS = 86_400_000

function* remarksOn(exporter: Component, { outageMs, bytesPerSecond }: Expected): Generator<Remark> {
  const settings = settingsOf(exporter)
  const at = settings.key('rotation')
  if (!at) return
  const name = quote(exporter.id)
  const days = settings.number('rotation.max_days', 0).value
  if (outageMs !== undefined && days > 0 && days * DAY_MS < outageMs) {
    const message = `${name} deletes files after ${days} days, before an outage of ${formatDuration(outageMs)} is over`
    yield { at, severity: 'warning', message, hint: 'Raise `max_days`, or remove it.' }
  }
  const backups = settings.number('rotation.max_backups', 100).value
  if (backups <= 0) return
  const bytes = (backups + 1) * settings.number('rotation.max_megabytes', 100).value * MEGABYTE
  const rate = bytesPerSecond ?? MEGABYTE
  const holdsMs = (bytes / rate) * 1000
  if (outageMs !== undefined && holdsMs >= outageMs) return
  const figure = `${name} keeps ${sizeText(bytes)}: at ${sizeText(rate)}/s that is ${formatDuration(holdsMs)}`
  if (outageMs === undefined) {
    const hint = 'Give `--outage` and `--rate` to compare it with the outage that it is for.'
    yield { at, message: `${figure}, then the oldest data is deleted`, hint }
  } else {
    const needed = Math.ceil((outageMs / 1000) * (rate / MEGABYTE))
    const message = `${figure}, and the outage lasts ${formatDuration(outageMs)}: the oldest data is deleted`
    yield { at, severity: 'warning', message, hint: `Make max_backups × max_megabytes at least ${needed}.` }
  }
}

/** `600 MB`, `1.5 GB` */
function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1024)))
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`
}
