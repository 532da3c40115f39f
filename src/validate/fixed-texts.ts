import { NotEditable } from '../source/change.ts'
import type { Checked, Finding } from './check.ts'
import { applyFix } from './fix.ts'

/** The texts that the fix of one finding changes, as they would be, or undefined where it has none that can be made. */
export function fixedTexts(
  checked: readonly Omit<Checked, 'graph'>[],
  { fix }: Finding,
): ReadonlyMap<string, string> | undefined {
  // A finding whose severity the project has changed is a copy; its fix is the same one.
  const home = fix && checked.find(({ findings }) => findings.some(finding => finding.fix === fix))
  if (!fix || !home) return undefined
  try {
    const changed = [...applyFix(home, fix)].filter(([file, text]) => home.texts.get(file) !== text)
    return changed.length > 0 ? new Map(changed) : undefined
  } catch (error) {
    if (error instanceof NotEditable) return undefined
    throw error
  }
}
