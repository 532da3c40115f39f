/** A collector release as [minor, patch]: the major number is 0 for all that are known. */
export interface Version {
  readonly text: string
  readonly minor: number
  readonly patch: number
}

/** The newest release whose settings this program knows. */
export const NEWEST: Version = { text: '0.163.0', minor: 163, patch: 0 }

/** `0.157`, `v0.157.1` → Version; undefined for anything else, 1.x included, which does not exist. */
export function parseVersion(text: string): Version | undefined {
  const [, minor, patch = '0'] = /^v?0\.(\d{1,4})(?:\.(\d{1,4}))?$/.exec(text.trim()) ?? []
  if (minor === undefined) return undefined
  return { text: `0.${Number(minor)}.${Number(patch)}`, minor: Number(minor), patch: Number(patch) }
}

export const since = (version: Version, minor: number): boolean => version.minor >= minor
