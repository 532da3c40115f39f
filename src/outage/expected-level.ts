import type { Failover, Level, NestedLevels, Outlet } from '../collector/graph.ts'
import { exportersBehind } from '../collector/outlets.ts'

/** The exporters to which a level's pipelines lead, also past other connectors. */
export const exportersOf = (level: Level): string[] => [...new Set(outletsOf(level).flatMap(exportersBehind))]

export const outletsOf = ({ pipelines }: Level): Outlet[] => pipelines.flatMap(({ outlets }) => outlets)

/** The highest level that sends to one of these exporters; null when none does. */
export const levelOf = ({ levels }: Failover, exporters: readonly string[]): number | null =>
  levels.find(level => exportersOf(level).some(id => exporters.includes(id)))?.index ?? null

/**
 * The level that should take the traffic while these exporters' backends are down; -1 when none is left. A collector's level needs all
 * of its exporters, since each batch goes to every one; where a level shares its work out (a proxy's does), one of them will do. A
 * failover connector in a level works while one of its own levels does.
 */
export function expectedLevel({ levels }: Failover, down: ReadonlySet<string>, isShared = false): number {
  const isUp = (outlet: Outlet): boolean => (typeof outlet === 'string' ? !down.has(outlet) : oneIsUp(outlet))
  const oneIsUp = (nested: NestedLevels) => nested.levels.some(outlets => outlets.every(isUp))
  const works = (outlets: readonly Outlet[]) => (isShared ? outlets.some(isUp) : outlets.every(isUp))
  return levels.find(level => works(outletsOf(level)))?.index ?? -1
}
