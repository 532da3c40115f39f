/** One line of the Prometheus text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^(?:([A-Za-z_:][\w:]*)(\{.*\})?|\{(.*)\})\s+(\S+)(?:\s+-?\d+)?(?:\s+#.*)?$/
const LABEL = /\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w.]*))\s*(?:=\s*"((?:[^"\\]|\\.)*)")?\s*(,|$)/y

/**
 * Reads the text that a collector (or any Prometheus client) serves: classic and OpenMetrics,
 * also with quoted UTF-8 names. Lines that are neither sample nor comment are left out.
 */
export function parsePrometheus(text: string): Sample[] {
  return text.split('\n').flatMap(line => {
    if (line === '' || line.startsWith('#')) return []
    const [, name, braces, quoted, number] = LINE.exec(line.trimEnd()) ?? []
    const value = parseNumber(number)
    const labels = parseLabels(quoted ?? braces?.slice(1, -1) ?? '')
    if (value === undefined || !labels) return []
    const named = name ?? labels.name
    return named === undefined ? [] : [{ name: named, labels: labels.pairs, value }]
  })
}

/** `name` is the quoted metric name that stands among the labels in the UTF-8 form. */
function parseLabels(text: string): { pairs: Record<string, string>; name?: string } | undefined {
  const pairs: [string, string][] = []
  let name: string | undefined
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const label = LABEL.exec(text)
    if (!label) return undefined
    const [, quoted, bare, value] = label
    if (value !== undefined) pairs.push([unescaped(quoted ?? (bare as string)), unescaped(value)])
    else if (quoted !== undefined) name = unescaped(quoted)
    else return undefined
  }
  return { pairs: Object.fromEntries(pairs), ...(name === undefined ? {} : { name }) }
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, next: string) => (next === 'n' ? '\n' : next))

function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
