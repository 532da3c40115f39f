import { FailoverctlError } from '../core/errors.ts'
import { decodeText } from './decode-text.ts'
import { expandReferences } from './expand.ts'
import { merge, unflatten } from './merge.ts'
import { readYaml } from './read-yaml.ts'
import type { Env } from './retrieve.ts'
import { notYaml } from './text-place.ts'
import { unwrap } from './unwrap.ts'
import type { MapValue, Note, Value } from './value.ts'

/** What a config is read from. `read` throws a FailoverctlError for what it cannot read; `-` is standard input. */
export interface ConfigSources {
  read(path: string): Promise<Uint8Array>
  readonly env: Env
  /** Which of the configs is meant where a file holds several inside of it, as Kubernetes manifests can; else the first. */
  readonly nth?: number
}

export interface Config {
  readonly root: MapValue
  readonly notes: readonly Note[]
  /** How each location is called in `At.file`, in the order in which they were merged. */
  readonly files: readonly string[]
  /** The text behind each of those names. */
  readonly texts: ReadonlyMap<string, string>
  /** How many configs the file holds inside of something else, a ConfigMap for one; 0 where it is a config itself. */
  readonly wrapped: number
}

interface Source {
  readonly file: string
  readonly text: string
}

/** Reads, merges and expands what `--config` names, in the order of the Collector: a path, `-`, `file:`, `env:` or `yaml:`. */
export async function readConfig(locations: readonly string[], from: ConfigSources): Promise<Config> {
  if (locations.length === 0) throw new FailoverctlError('wrong-use', 'no config is named', 'Name a config file.')
  const sources: Source[] = []
  for (const location of locations) sources.push(await readLocation(location, from, sources))
  const wraps = sources.map(({ file, text }) => unwrap(file, text))
  const roots = sources.map<Value>(
    (source, index) => (wraps[index]?.[from.nth ?? 0] ?? wraps[index]?.[0])?.root ?? readMap(source),
  )
  const merged = roots.map(root => (holds(sources, '::') ? unflatten(root) : root)).reduce(merge)
  const { value, notes } = holds(sources, '$')
    ? await expandReferences(merged, from.env, path => readReferred(path, from)).then(unflattened)
    : { value: merged, notes: [] }
  return {
    root: value as MapValue,
    notes: [...sources.filter((_, index) => wraps[index]?.length === 0).flatMap(laterDocuments), ...notes],
    files: sources.map(source => source.file),
    texts: new Map(sources.map(source => [source.file, source.text])),
    wrapped: sources.length === 1 ? (wraps[0]?.length ?? 0) : 0,
  }
}

const unflattened = <T extends { readonly value: Value }>(expanded: T): T => ({ ...expanded, value: unflatten(expanded.value) })

// Most configs have none of these, and need no walk over all values. An escape can stand for any character.
const holds = (sources: readonly Source[], text: string) =>
  sources.some(source => source.text.includes(text) || source.text.includes('\\'))

async function readLocation(location: string, from: ConfigSources, before: readonly Source[]): Promise<Source> {
  const { scheme, rest } = parseLocation(location)
  switch (scheme) {
    case 'file': {
      const file = rest === '-' ? '<stdin>' : rest
      return { file, text: decodeText(file, await from.read(rest)) }
    }
    case 'env':
      return { file: location, text: readVariable(rest, from.env) }
    case 'yaml':
      return { file: inlineName(before), text: rest }
    default:
      throw new FailoverctlError(
        'bad-reference',
        `${location}: not read, it would need the network`,
        'Download it and name the file.',
      )
  }
}

const SCHEMES = ['file', 'env', 'yaml', 'http', 'https']

// A drive letter is no scheme: those have at least two characters (confmap v1.67.0, NewResolver).
function parseLocation(location: string): { scheme: string; rest: string } {
  if (/^[a-z]:/i.test(location) || !location.includes(':')) return { scheme: 'file', rest: location }
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(location) ?? []
  if (SCHEMES.includes(scheme)) return { scheme, rest }
  const message = scheme ? `${location}: unknown scheme \`${scheme}\`` : `${location}: a path with a \`:\` needs a scheme`
  throw new FailoverctlError('bad-reference', message, `For a file write \`file:${location}\`; env: and yaml: are known too.`)
}

function readVariable(name: string, env: Env): string {
  const text = Object.hasOwn(env, name) ? env[name] : undefined
  if (text === undefined)
    throw new FailoverctlError('bad-reference', `env:${name}: this environment variable is not set`, `Set ${name}.`)
  return text
}

function inlineName(before: readonly Source[]): string {
  const count = before.filter(({ file }) => file.startsWith('<yaml')).length
  return count === 0 ? '<yaml>' : `<yaml ${count + 1}>`
}

function readMap({ file, text }: Source): MapValue {
  const root = readYaml(file, text)
  if (root.kind === 'map') return root
  if (root.kind === 'scalar' && root.value === null) {
    throw new FailoverctlError(
      'empty-file',
      `${file}:${root.at.line}:1: no config in it`,
      'Write a config into it, or leave it out.',
    )
  }
  const found = root.kind === 'list' ? 'a list' : 'a single value'
  throw notYaml(
    root.at,
    `${found} at the top, and a config is a map`,
    'Start with `receivers:`, `exporters:`, `service:` and the like.',
  )
}

// The Collector takes an empty file for nothing at all here.
async function readReferred(path: string, from: ConfigSources): Promise<string> {
  const bytes = await from.read(path)
  return bytes.length === 0 ? '' : decodeText(path, bytes)
}

// A `---` at the start of a line always separates documents, even inside a text of several lines.
function laterDocuments({ file, text }: Source): Note[] {
  if (!/[\r\n]---/.test(text)) return []
  const lines = text.split(/\r\n|\r|\n/)
  const begun = lines.findIndex(line => !/^\s*(#.*|%.*)?$/.test(line))
  const next = lines.findIndex((line, index) => index > begun && /^---(\s|$)/.test(line))
  if (next < 0) return []
  const message = 'the Collector reads only the first document of a file: all from here on is ignored'
  return [{ at: { file, line: next + 1, column: 1, length: 3 }, id: 'several-documents', severity: 'warning', message }]
}
