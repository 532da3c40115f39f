import type { Painter } from '../core/paint.ts'
import { explained } from '../kit/why.ts'
import type { KitFile, KitWish } from '../kit/wish.ts'

/** What was written, and what to do next. */
export function kitText(folder: string, files: readonly KitFile[], wish: KitWish, paint: Painter): string {
  const go = folder === '.' ? '' : `cd ${folder} && `
  return `${paint.bold(`${wish.shape} for ${wish.platform}`)}, in ${folder === '.' ? 'this folder' : folder}:
${files.map(({ path }) => `  ${path}`).join('\n')}

Next: ${go}failoverctl validate
      ${go}failoverctl chaos --stop level0
Why each line is there: failoverctl init --explain --shape ${wish.shape} --for ${wish.platform}
`
}

const WIDEST = 60

/** Every file, with the reason of a line beside it; it holds for what is indented below that line, too. */
export function whyText(files: readonly KitFile[], paint: Painter): string {
  return files
    .filter(({ text }) => text.includes('#! '))
    .map(({ path, text }) => {
      const lines = explained(text)
      const width = Math.min(WIDEST, Math.max(...lines.map(line => line.text.length)))
      const shown = lines.map(({ text, own }) => (own === '' ? `  ${text}` : `  ${text.padEnd(width)}  ${paint.dim(`← ${own}`)}`))
      return `${paint.bold(path)}\n${shown.map(line => line.trimEnd()).join('\n')}\n`
    })
    .join('\n')
}
