/** An XML element with its attributes, around text or around other elements that are indented under it. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  inside: string | readonly string[] = [],
): string {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(' ')
  if (inside.length === 0) return `<${open}/>`
  if (typeof inside === 'string') return `<${open}>${escaped(inside)}</${name}>`
  return `<${open}>\n${inside.join('\n')}\n</${name}>`
}

export const document = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

// All but what XML 1.0 calls a character: not even as a reference may it hold control characters or half a surrogate pair.
const IMPOSSIBLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

// White space is written as a reference, because a parser turns it into blanks inside attributes.
const escaped = (text: string): string =>
  text
    .replace(IMPOSSIBLE, '\ufffd')
    .replace(/[&<>"']/g, character => ENTITIES[character] as string)
    .replace(/[\t\n\r]/g, character => `&#${character.charCodeAt(0)};`)
