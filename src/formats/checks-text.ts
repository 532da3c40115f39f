import type { Painter } from '../core/paint.ts'
import type { Check } from '../model/outcome.ts'

/** What probes and claims say, a line each; what was expected stands under those that do not hold. */
export const checksText = (checks: readonly Check[], paint: Painter): string =>
  checks.map(check => checkText(check, paint)).join('')

function checkText({ name, result, expected, observed, evidence, at_s }: Check, paint: Painter): string {
  if (result === 'held') return `  ${paint.green('✓')} ${name}: ${observed}\n`
  if (result === 'skipped') return `  ${paint.dim(`- ${name}: ${observed}`)}\n`
  const when = at_s === null ? '' : ` at ${at_s.toFixed(2)}s`
  const mark = result === 'unknown' ? paint.yellow('?') : paint.red('✗')
  const source = evidence === '' ? '' : paint.dim(`, read from ${evidence}`)
  return `  ${mark} ${name}${when}: ${observed}\n    expected ${expected}${source}\n`
}
