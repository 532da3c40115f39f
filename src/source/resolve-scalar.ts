type Plain = string | number | boolean | null

const WORDS = new Map<string, Plain>([
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['true', 'True', 'TRUE'].map(word => [word, true] as const),
  ...['false', 'False', 'FALSE'].map(word => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map(word => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(word => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map(word => [word, Number.NEGATIVE_INFINITY] as const),
])
const INTEGER = /^([-+]?)(?:0x([\da-f]+)|0b([01]+)|0o?([0-7]+)|(0|[1-9]\d*))$/i
const DECIMAL = /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i
const LARGEST = 2n ** 64n

/** What an unquoted word means to go.yaml.in/yaml/v3 v3.0.5 (resolve.go): YAML 1.2 with the octals and `1_000` of 1.1. */
export function resolvePlain(text: string): Plain {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (!/^[-+.\d]/.test(text)) return text
  return readNumber(text.startsWith('.') ? text.replace(/(?<=\d)_(?=\d)/g, '') : text.replaceAll('_', '')) ?? text
}

function readNumber(text: string): number | undefined {
  const integer = readInteger(text)
  if (integer !== undefined) return integer
  const float = DECIMAL.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(float) ? float : undefined
}

// Beyond 64 bits Go takes a decimal for a float, and every other base for text.
function readInteger(text: string): number | undefined {
  const [, sign, hex, binary, octal, decimal] = INTEGER.exec(text) ?? []
  if (sign === undefined) return undefined
  const size = hex
    ? BigInt(`0x${hex}`)
    : binary
      ? BigInt(`0b${binary}`)
      : octal
        ? BigInt(`0o${octal}`)
        : BigInt(decimal as string)
  const fits = sign === '-' ? size <= LARGEST / 2n : sign === '+' ? size < LARGEST / 2n : size < LARGEST
  return fits ? Number(sign === '-' ? -size : size) : undefined
}

const PREFIX = 'tag:yaml.org,2002:'

/** What a word under an explicit tag (`!!int`, long form) means, or undefined when the collector refuses the pair. */
export function resolveTagged(tag: string, text: string): Plain | undefined {
  const kind = tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : ''
  if (!['null', 'bool', 'int', 'float'].includes(kind)) return text
  const value = resolvePlain(text)
  return kindOf(value, text) === kind || (kind === 'float' && typeof value === 'number') ? value : undefined
}

function kindOf(value: Plain, text: string): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'text'
  return readInteger(text.replaceAll('_', '')) === undefined ? 'float' : 'int'
}
