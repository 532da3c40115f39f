import type { Component, Graph } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const relativePath: Rule = {
  id: 'relative-path',
  severity: 'info',
  kind: 'advice',
  title: 'Backups and queues have absolute paths',
  why: `A relative path begins at the folder that the collector happens to be started in. Started another way, it writes elsewhere, and neither finds its old
queue nor does a person find the backup (contrib 0.161.0, fileexporter and filestorage, which hand the path to the operating system as it is).`,

  *check(graph) {
    for (const { component, key } of pathsIn(graph)) {
      const path = lookup(component.settings, key)
      const text = asText(path)
      if (path?.kind !== 'scalar' || !text || path.fromEnvironment || isAbsolute(text)) continue
      yield {
        at: path.at,
        message: `the ${key} of ${quote(component.id)} is relative: it depends on where the collector is started`,
        hint: 'Write a path from the root, such as `/var/lib/otelcol/backup.jsonl`.',
      }
    }
  },

  bad: [
    'exporters: { file/a: { path: «backup.jsonl» }, file/b: { path: «./b.jsonl» } }',
    'extensions: { file_storage: { directory: «queue» } }',
  ],

  good: [
    `
exporters: { file/a: { path: /var/backup.jsonl }, file/b: { path: 'C:\\backup.jsonl' }, file/c: { path: "\${env:BACKUP}" }, file: }
extensions: { file_storage: }
`,
  ],
}

const isAbsolute = (path: string) => /^(\/|\\\\|[a-z]:[\\/]|\$\{)/i.test(path)

function pathsIn({ components }: Graph): { component: Component; key: string }[] {
  const of = (all: ReadonlyMap<string, Component>, type: string, key: string) =>
    [...all.values()].filter(component => component.type === type).map(component => ({ component, key }))
  return [...of(components.exporters, 'file', 'path'), ...of(components.extensions, 'file_storage', 'directory')]
}
