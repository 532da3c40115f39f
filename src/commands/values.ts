import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../core/duration.ts'

/** `5s`, `2m30s` → milliseconds. */
export function durationFlag(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 0) throw new InvalidArgumentError('Expected a duration with a unit, such as 500ms, 5s or 2m30s.')
  return ms
}

/** A number of at least `least`. */
export const numberFlag =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < least)
      throw new InvalidArgumentError(`Expected a number of at least ${least}.`)
    return value
  }

/** A whole number of at least `least`. */
export const countFlag =
  (least: number) =>
  (text: string): number => {
    const value = numberFlag(least)(text)
    if (!Number.isInteger(value)) throw new InvalidArgumentError('Expected a whole number.')
    return value
  }

/** A port to listen on; 0 is a free one. */
export function portFlag(text: string): number {
  const port = countFlag(0)(text)
  if (port > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return port
}

/** A flag that may be given several times, or once with commas. */
export const listFlag = (text: string, previous: readonly string[] | undefined): string[] => [
  ...(previous ?? []),
  ...text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== ''),
]
