import { maskSecrets } from '../core/mask.ts'

/** How reports call the configs of a run. A `yaml:` location holds settings, and what looks like a secret there is masked. */
export const configName = (locations: readonly string[]): string => locations.map(maskSecrets).join(' + ')
