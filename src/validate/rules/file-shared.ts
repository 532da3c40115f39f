import type { Component, Graph } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const fileShared: Rule = {
  id: 'file-shared',
  severity: 'warning',
  kind: 'loss',
  title: 'A file has one writer',
  why: `Two file exporters with one path each open the file for themselves: lines run into each other, one truncates or rotates what the other has written
(contrib 0.161.0, fileexporter, which shares a file only among the pipelines of one exporter).`,

  *check(graph) {
    const first = new Map<string, Component>()
    for (const exporter of filesInUse(graph)) {
      const path = lookup(exporter.settings, 'path')
      const key = asText(path)
        ?.replace(/^\.\//, '')
        .replace(/\/{2,}/g, '/')
      if (!path || !key) continue
      const before = first.get(key)
      if (!before) first.set(key, exporter)
      else
        yield {
          at: path.at,
          message: `${quote(exporter.id)} writes to the same file as ${quote(before.id)}: each damages what the other has written`,
          hint: `Give it a path of its own, or use ${quote(before.id)} in both places.`,
        }
    }
  },

  bad: [
    `
exporters: { file/a: { path: /var/backup/a.jsonl }, file/b: { path: «/var/backup//a.jsonl» } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [file/a] }
    logs: { receivers: [otlp], exporters: [file/b] }
`,
  ],

  good: [
    `
exporters: { file/a: { path: /var/backup/a.jsonl }, file/b: { path: /var/backup/b.jsonl }, file/unused: { path: /var/backup/a.jsonl } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [file/a] }
    logs: { receivers: [otlp], exporters: [file/b] }
`,
  ],
}

function filesInUse({ components, pipelines }: Graph): Component[] {
  const used = new Set([...pipelines.values()].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
  return [...components.exporters.values()].filter(({ type, id }) => type === 'file' && used.has(id))
}
