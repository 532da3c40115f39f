import type { PlannedFault } from './experiment.ts'

/** An instant at which faults end and others are made. Milliseconds. */
export interface Moment {
  /** From the start of traffic. */
  readonly atMs?: number
  /** From when the moment before was made. Neither: as soon as what came before is over. */
  readonly afterMs?: number
  readonly end: readonly PlannedFault[]
  readonly make: readonly PlannedFault[]
}

/**
 * The order of an experiment: faults without a time are made once the state is steady and end after the hold;
 * those with one follow, each at its time or, where that has passed, at once.
 */
export function momentsOf(faults: readonly PlannedFault[], holdMs: number): Moment[] {
  const isTimed = ({ atMs }: PlannedFault) => atMs !== undefined
  return [...untimed(faults.filter(fault => !isTimed(fault))), ...timed(faults, holdMs)]
}

function untimed(faults: readonly PlannedFault[]): Moment[] {
  if (faults.length === 0) return []
  const lengths = [...new Set(faults.flatMap(({ lastsMs }) => lastsMs ?? []))].sort((a, b) => a - b)
  const held = faults.filter(({ lastsMs, untilMs }) => lastsMs === undefined && untilMs === undefined)
  return [
    { end: [], make: faults },
    ...lengths.map((lastsMs, index) => ({
      afterMs: lastsMs - (lengths[index - 1] ?? 0),
      end: faults.filter(fault => fault.lastsMs === lastsMs),
      make: [],
    })),
    ...(held.length > 0 ? [{ end: held, make: [] }] : []),
  ]
}

function timed(faults: readonly PlannedFault[], holdMs: number): Moment[] {
  const endOf = ({ atMs, untilMs, lastsMs }: PlannedFault) =>
    untilMs ?? (atMs === undefined ? undefined : atMs + (lastsMs ?? holdMs))
  const times = new Set(faults.flatMap(fault => [fault.atMs ?? [], endOf(fault) ?? []].flat()))
  return [...times]
    .filter(at => at !== Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b)
    .map(atMs => ({
      atMs,
      end: faults.filter(fault => endOf(fault) === atMs),
      make: faults.filter(fault => fault.atMs === atMs),
    }))
}
