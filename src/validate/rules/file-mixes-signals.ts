import { placedExporters } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const fileMixesSignals: Rule = {
  id: 'file-mixes-signals',
  severity: 'info',
  kind: 'advice',
  title: 'A backup file holds one signal',
  why: `A file exporter in pipelines of several signals writes them all into one file, line by line as they come (contrib 0.161.0, fileexporter; measured).
Each reader has to sort them out again, and a size limit that one signal uses up deletes the backup of the others. Three of 38 public configs do that.`,

  *check(graph) {
    for (const { exporter } of placedExporters(graph)) {
      if (exporter.type !== 'file') continue
      const users = [...graph.pipelines.values()].filter(({ exporters }) => exporters.some(({ id }) => id === exporter.id))
      const signals = [...new Set(users.map(({ signal }) => signal))]
      if (signals.length < 2) continue
      yield {
        at: exporter.at,
        message: `${quote(exporter.id)} mixes ${list(signals)} in one file`,
        hint: 'Use a file exporter for each signal, each with a path of its own.',
      }
    }
  },

  bad: [
    `
exporters: { «file»: { path: /var/backup/all.jsonl } }
connectors: { failover/t: { priority_levels: [[traces/b]] }, failover/l: { priority_levels: [[logs/b]] } }
service:
  pipelines:
    traces/b: { receivers: [failover/t], exporters: [file] }
    logs/b: { receivers: [failover/l], exporters: [file] }
`,
  ],

  good: [
    `
exporters: { file/t: { path: /var/backup/t.jsonl }, file/l: { path: /var/backup/l.jsonl } }
connectors: { failover/t: { priority_levels: [[traces/b]] }, failover/l: { priority_levels: [[logs/b]] } }
service:
  pipelines:
    traces/b: { receivers: [failover/t], exporters: [file/t] }
    logs/b: { receivers: [failover/l], exporters: [file/l] }
`,
  ],
}
