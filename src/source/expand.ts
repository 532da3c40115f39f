import { FailoverctlError } from '../core/errors.ts'
import { readYaml } from './read-yaml.ts'
import { findReference } from './references.ts'
import { type Env, leave, type ReadFile, type Referrer, type Reply, retrieve, type Sources } from './retrieve.ts'
import type { At, Entry, ListValue, MapValue, Note, ScalarValue, Value } from './value.ts'

// As confmap v1.67.0 counts in expandValueRecursively.
const MAX_ROUNDS = 999
const MAX_DEPTH = 200
// In characters made or looked through. The Collector has no such limit: what is refused here would exhaust its memory.
const BUDGET = 3_000_000
const PARSE_COST = 5
const NODE_COST = 20

interface Run extends Sources {
  /** What each text means as YAML, or undefined where it is only text. */
  readonly parsed: Map<string, Value | undefined>
  budget: number
  gaveUp: boolean
}

/** How deep in the tree, and how many more times a reference may lead to another. */
interface Room {
  readonly depth: number
  readonly rounds: number
}

/**
 * Replaces every `${…}` in values, never in keys, as the Collector does once its configs are merged. What it would refuse
 * stays as it is written and becomes a note, so that one run tells all of it.
 */
export async function expandReferences(root: Value, env: Env, readFile?: ReadFile): Promise<{ value: Value; notes: Note[] }> {
  const notes = new Map<string, Note>()
  const note = (added: Note) => void notes.set(JSON.stringify(added), added)
  const run: Run = { env, readFile, note, parsed: new Map(), budget: BUDGET, gaveUp: false }
  const value = await expand(run, root, { depth: 0, rounds: MAX_ROUNDS })
  return { value, notes: Array.from(notes.values()) }
}

async function expand(run: Run, value: Value, room: Room): Promise<Value> {
  if (value.kind === 'map') return expandMap(run, value, { ...room, depth: room.depth + 1 })
  if (value.kind === 'list') return expandList(run, value, { ...room, depth: room.depth + 1 })
  return typeof value.value === 'string' ? expandText(run, value, value.value, room) : value
}

async function expandMap(run: Run, map: MapValue, room: Room): Promise<Value> {
  const entries = new Map<string, Entry>()
  for (const [key, entry] of map.entries) entries.set(key, { ...entry, value: await expand(run, entry.value, room) })
  return { ...map, entries }
}

async function expandList(run: Run, list: ListValue, room: Room): Promise<Value> {
  const items: Value[] = []
  for (const item of list.items) items.push(await expand(run, item, room))
  return { ...list, items }
}

async function expandText(run: Run, scalar: ScalarValue, start: string, { depth, rounds }: Room): Promise<Value> {
  let [text, fromEnvironment, isUnknown] = [start, scalar.fromEnvironment, false]
  for (let left = rounds; ; left--) {
    const reference = findReference(text)
    if (reference === undefined) return { ...scalar, ...asText(unescapeDollars(text)), fromEnvironment, isUnknown }
    // What is in the file as it is may be shown, whatever a variable put beside it.
    const hidden = scalar.fromEnvironment || (fromEnvironment && !start.includes(reference))
    const referrer = { at: spotOf(scalar, hidden ? '' : reference), reference, hidden }
    const reply = left > 0 && depth <= MAX_DEPTH ? await lookUp(run, referrer, text) : leave(run, referrer, 'error', TOO_MANY)
    if (!reply) return { ...scalar, ...asText(text), fromEnvironment: true, isUnknown: true }
    isUnknown ||= reply.isUnset === true
    const typed = reference === text && !reply.isText ? parse(run, reply.text, scalar.at) : undefined
    if (typed) return expand(run, typed.kind === 'scalar' ? { ...typed, isUnknown } : typed, { depth, rounds: left - 1 })
    text = text.replaceAll(reference, () => reply.text)
    fromEnvironment = true
  }
}

const asText = (text: string) => ({ value: text, text })

const TOO_MANY = 'too many references lead from one to the next'

// The cost is counted before anything is built, so that a bomb never goes off.
async function lookUp(run: Run, referrer: Referrer, text: string): Promise<Reply> {
  const reply = run.budget < 0 ? undefined : await retrieve(run, referrer)
  const copies = text.split(referrer.reference).length - 1
  run.budget -= text.length / 10 + copies * (reply?.text.length ?? 0)
  return run.budget < 0 ? giveUp(run, referrer) : reply
}

// One remark is enough: every reference after the first one fails for the same reason.
function giveUp(run: Run, referrer: Referrer): undefined {
  if (!run.gaveUp) leave(run, referrer, 'error', 'what the references expand to is too large')
  run.gaveUp = true
}

// A text that Go's YAML reads as a text, or not at all, is taken as it is, quotes and comments included.
function parse(run: Run, text: string, at: At): Value | undefined {
  if (!run.parsed.has(text)) run.parsed.set(text, parseValue(run, text))
  const parsed = run.parsed.get(text)
  if (!parsed) return undefined
  return { ...placeAt(run, parsed, at), text: unescapeDollars(text) }
}

function parseValue(run: Run, text: string): Value | undefined {
  run.budget -= text.length * PARSE_COST
  try {
    const value = readYaml('', text)
    return value.kind === 'scalar' && typeof value.value === 'string' ? undefined : value
  } catch (error) {
    if (error instanceof FailoverctlError) return undefined
    throw error
  }
}

function placeAt(run: Run, value: Value, at: At): Value {
  run.budget -= NODE_COST
  if (value.kind === 'scalar') return { ...value, at, fromEnvironment: true }
  if (value.kind === 'list') return { ...value, at, fromEnvironment: true, items: value.items.map(item => partAt(run, item, at)) }
  const entries = Array.from(
    value.entries,
    ([key, entry]) => [key, { ...entry, keyAt: at, value: partAt(run, entry.value, at) }] as const,
  )
  return { ...value, at, fromEnvironment: true, entries: new Map(entries) }
}

const partAt = (run: Run, value: Value, at: At): Value => {
  const part = placeAt(run, value, at)
  return part.kind === 'scalar' ? { ...part, isPart: true } : part
}

// Ten million of them take a second or more with any way of replacing.
const unescapeDollars = (text: string) => (text.includes('$$') ? text.split('$$').join('$') : text)

// The reference itself, where the text stands on one line as it is: plain, or with a quote on each side.
function spotOf({ at, text }: ScalarValue, reference: string): At {
  const quotes = at.length - text.length
  const start = text.indexOf(reference)
  if (reference === '' || start < 0 || (quotes !== 0 && quotes !== 2)) return at
  return { ...at, column: at.column + quotes / 2 + start, length: reference.length }
}
