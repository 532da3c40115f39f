/** Words in names of settings and headers whose values are secrets. */
export const SECRET_WORDS = 'token|api[-_]?key|access[-_]?key|key_pem|secret|passw(?:or)?d|authorization|cookie|credential'

const VALUE = `(?!["']?\\$\\{)("[^"]*"|'[^']*'|[^\\s"',{}[\\]][^,}\\]]*)`
const SECRET = new RegExp(`((?:${SECRET_WORDS})[\\w-]*["']?\\s*:\\s*)${VALUE}`, 'gi')
/** A header as `{name: x-api-key, value: …}`. */
const PAIR = new RegExp(`((?:${SECRET_WORDS})[\\w-]*["']?\\s*,\\s*["']?value["']?\\s*:\\s*)${VALUE}`, 'gi')
const PASSWORD = /(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g

/** Stars in place of what a line says after `token:`, `password:` and the like. Keeps its length, so that marks stay right. */
export const maskSecrets = (line: string): string => {
  const hide = (_: string, before: string, secret: string) => before + '*'.repeat(secret.length)
  return line.replace(SECRET, hide).replace(PAIR, hide).replace(PASSWORD, hide)
}
