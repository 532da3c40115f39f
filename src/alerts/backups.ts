import type { Component } from '../collector/graph.ts'
import { settingsOf } from '../collector/settings.ts'
import { type Unit, unitOf } from '../metrics/figures.ts'
import type { Situation } from './situation.ts'

/** A file exporter in a level of a failover connector, and what it keeps. */
export interface BackupFile {
  readonly exporter: Component
  readonly units: readonly Unit[]
  /** undefined: it keeps all, until the disk is full. */
  readonly limitBytes: number | undefined
}

export function backupsOf({ graph, inLevels }: Situation): BackupFile[] {
  return [...graph.components.exporters.values()]
    .filter(({ id, type }) => type === 'file' && inLevels.has(id))
    .map(exporter => ({
      exporter,
      units: [
        ...new Set(
          [...graph.pipelines.values()]
            .filter(({ exporters }) => exporters.some(({ id }) => id === exporter.id))
            .flatMap(({ signal }) => unitOf(signal) ?? []),
        ),
      ],
      limitBytes: limitOf(exporter),
    }))
}

/** The file that is written, and `max_backups` besides it (contrib 0.161.0 fileexporter; defaults 100 of 100 MB). */
function limitOf(exporter: Component): number | undefined {
  const settings = settingsOf(exporter)
  if (!settings.key('rotation')) return undefined
  const backups = settings.number('rotation.max_backups', 100).value
  return backups > 0 ? (backups + 1) * settings.number('rotation.max_megabytes', 100).value * 1024 * 1024 : undefined
}
