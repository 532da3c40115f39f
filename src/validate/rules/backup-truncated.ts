import type { Component } from '../../collector/graph.ts'
import { settingsOf } from '../../collector/settings.ts'
import { since } from '../../collector/versions.ts'
import { placedExporters } from '../levels.ts'
import type { Fix, Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const backupTruncated: Rule = {
  id: 'backup-truncated',
  severity: 'warning',
  kind: 'loss',
  title: 'A backup file outlives a restart',
  why: `The file exporter opens its file with O_TRUNC unless \`append\` or \`rotation\` is set: a restart of the collector wipes the backup that was not replayed
yet (contrib 0.161.0, fileexporter; measured).`,

  *check(graph) {
    for (const { exporter } of placedExporters(graph)) {
      if (exporter.type !== 'file' || exporter.settings?.kind !== 'map') continue
      const settings = settingsOf(exporter)
      const isKept =
        settings.boolean('append', false).value || settings.key('rotation') || settings.boolean('group_by.enabled', false).value
      if (isKept) continue
      yield {
        at: exporter.at,
        message: `${quote(exporter.id)} empties its file when the collector starts: the backup is gone after a restart`,
        hint: 'Write `append: true`, or a `rotation`.',
        fix: keep(exporter, since(graph.version, 156)),
      }
    }
  },

  bad: [
    `
exporters: { «file/backup»: { path: /var/backup/traces.jsonl } }
connectors: { failover: { priority_levels: [[traces/backup]] } }
service: { pipelines: { traces/backup: { receivers: [failover], exporters: [file/backup] } } }
`,
  ],

  good: [
    `
exporters:
  file/a: { path: /var/backup/a.jsonl, append: true }
  file/b: { path: /var/backup/b.jsonl, rotation: { max_megabytes: 10 } }
  file/log: { path: /var/log/traces.jsonl }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [file/a] }
    traces/b: { receivers: [failover], exporters: [file/b] }
    traces/log: { receivers: [otlp], exporters: [file/log] }
`,
  ],
}

// What is smallest: the file goes on growing as it does between restarts. Before 0.156 a compressed file cannot append.
function keep(exporter: Component, mayCompress: boolean): Fix {
  const path = ['exporters', exporter.id]
  const isCompressed = settingsOf(exporter).key('compression') !== undefined
  return isCompressed && !mayCompress
    ? { title: `rotate the file of \`${exporter.id}\``, changes: [{ kind: 'set', path: [...path, 'rotation'], to: {} }] }
    : { title: `let \`${exporter.id}\` append`, changes: [{ kind: 'set', path: [...path, 'append'], to: true }] }
}
