import type { Fixed } from '../validate/fix.ts'

/** What was fixed, or would be, and what was left and why: for a person, beside the report. */
export function fixText({ done, left, texts }: Fixed, isDone: boolean): string {
  if (done.length + left.length === 0) return 'Nothing to fix.\n'
  const files = Array.from(texts.keys()).join(', ')
  const head = done.length > 0 ? [`${isDone ? 'Fixed' : 'To fix'} in ${files}:`] : []
  return [
    ...head,
    ...done.map(({ fix, rule }) => `  ${fix?.title} (${rule})`),
    ...left.map(
      ({ finding: { at, fix, rule }, reason }) => `Left ${at.file}:${at.line}:${at.column}: ${fix?.title} (${rule}): ${reason}.`,
    ),
    '',
  ].join('\n')
}
