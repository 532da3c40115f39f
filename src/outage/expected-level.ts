import type { Failover, Level } from '../collector/graph.ts'

/** The exporters to which a level's pipelines lead. */
export const exportersOf = (level: Level): string[] => [
  ...new Set(level.pipelines.flatMap(({ pipeline }) => pipeline?.exporters.map(({ id }) => id) ?? [])),
]

/** The highest level that sends to one of these exporters; null when none does. */
export const levelOf = ({ levels }: Failover, exporters: readonly string[]): number | null =>
  levels.find(level => exportersOf(level).some(id => exporters.includes(id)))?.index ?? null

/**
 * The level that should take the traffic while these exporters' backends are down; -1 when none is left. A collector's level needs all
 * of its exporters, since each batch goes to every one; where a level shares its work out (a proxy's does), one of them will do.
 */
export function expectedLevel({ levels }: Failover, down: ReadonlySet<string>, isShared = false): number {
  const isUp = (exporter: string) => !down.has(exporter)
  const works = (exporters: readonly string[]) => (isShared ? exporters.some(isUp) : exporters.every(isUp))
  return levels.find(level => works(exportersOf(level)))?.index ?? -1
}
