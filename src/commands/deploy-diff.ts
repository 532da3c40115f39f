import { maskSecrets } from '../core/mask.ts'
import type { DeployResult } from '../deploy/result.ts'
import { fixDiff } from '../formats/fix-diff.ts'

export const withoutSecrets = ({ theirs, ...rest }: DeployResult): DeployResult =>
  theirs ? { ...rest, theirs: { before: masked(theirs.before), now: masked(theirs.now) } } : rest

const masked = (text: string): string => text.split('\n').map(maskSecrets).join('\n')

/** As a patch would have it, with stars for secrets. */
export const diffOf = (before: string, after: string, from: string, to: string): string => {
  if (masked(before) === masked(after)) return `Only secrets differ between ${from} and ${to}.\n`
  return fixDiff(new Map([[to, masked(before)]]), new Map([[to, masked(after)]])).replace(`--- ${to}`, () => `--- ${from}`)
}
