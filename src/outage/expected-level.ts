import type { Failover, Level } from '../collector/graph.ts'

/** The exporters to which a level's pipelines lead. */
export const exportersOf = (level: Level): string[] => [
  ...new Set(level.pipelines.flatMap(({ pipeline }) => pipeline?.exporters.map(({ id }) => id) ?? [])),
]

/** The highest level that sends to one of these exporters; null when none does. */
export const levelOf = ({ levels }: Failover, exporters: readonly string[]): number | null =>
  levels.find(level => exportersOf(level).some(id => exporters.includes(id)))?.index ?? null

/** The level that should take the traffic while these exporters' backends are down: the first that needs none of them; -1 when none is left. */
export function expectedLevel({ levels }: Failover, down: ReadonlySet<string>): number {
  return levels.find(level => exportersOf(level).every(exporter => !down.has(exporter)))?.index ?? -1
}
