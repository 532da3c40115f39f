import { FailoverctlError } from '../core/errors.ts'
import type { At } from './value.ts'

/** A text that can say on which line and column an offset is. */
export interface PlacedText {
  readonly file: string
  readonly text: string
  readonly lineStarts: readonly number[]
}

export function placedText(file: string, text: string): PlacedText {
  const lineStarts = [0]
  for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', newline + 1)) lineStarts.push(newline + 1)
  return { file, text, lineStarts }
}

/** From `start` to `end`, or to the last visible character of the line where it begins. */
export function placeOf({ file, text, lineStarts }: PlacedText, start: number, end: number): At {
  const line = lineAt(lineStarts, start)
  const lineEnd = lineStarts[line] ?? text.length
  const visible = text.slice(start, Math.min(end, lineEnd)).trimEnd()
  return { file, line, column: start - (lineStarts[line - 1] as number) + 1, length: Math.max(1, visible.length) }
}

// The number of the line, from 1: how many lines start at or before the offset.
function lineAt(lineStarts: readonly number[], offset: number): number {
  let [low, high] = [1, lineStarts.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle - 1] as number) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

export const notYaml = (at: At, message: string, hint: string): FailoverctlError =>
  new FailoverctlError('not-yaml', `${at.file}:${at.line}:${at.column}: ${message}`, hint)
