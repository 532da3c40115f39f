import type { Reference } from '../collector/graph.ts'

/** A name as it stands in messages. One that an environment variable gave is not shown. */
export const quote = (name: string | Reference): string => {
  if (typeof name === 'string') return `\`${name}\``
  return name.hidden ? '`${…}`' : `\`${name.id}\``
}

/** `a`, `a and b`, `a, b and c` */
export const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
