/** lumberjack: `base-2022-11-04T18-30-00.000.ext`; timberjack adds why it turned to the next file: `-size`, `-time`. */
const ROTATED = /-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(?:-[a-z]+)?(?=\.|$)/

/** When the exporter turned to the next file, as its name says. Undefined for the file that it may still write to. */
export const rotatedAt = (path: string): string | undefined => ROTATED.exec(path.slice(path.lastIndexOf('/') + 1))?.[1]

interface Named {
  readonly path: string
  readonly rotatedAt: string | undefined
}

/** Oldest first, the active files last; whatever stands at the same time, by name. */
export function byTime(one: Named, other: Named): number {
  const [a, b] = [one, other].map(({ rotatedAt = '~', path }) => `${rotatedAt}\0${path}`) as [string, string]
  return a < b ? -1 : a > b ? 1 : 0
}
