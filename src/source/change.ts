/** Plain data, as JSON has it. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data }

/** Keys and indices from the top of a config. */
export type Path = readonly (string | number)[]

/** A change of a config in terms of its values; where they stand in a text is found out when it is made. */
export type Change =
  | { readonly kind: 'remove'; readonly path: Path }
  /** The maps that lead to it are made where they are missing. */
  | { readonly kind: 'set'; readonly path: Path; readonly to: Data }
  /** `to` as it is written at `from`, references included. */
  | { readonly kind: 'copy'; readonly path: Path; readonly from: Path }
  /** The key; its value stays, or becomes `value`. */
  | { readonly kind: 'rename'; readonly path: Path; readonly to: string; readonly value?: Data }
  /** A reference `${…}`, in every value. */
  | { readonly kind: 'reference'; readonly from: string; readonly to: string }

/** A change to one text: all but `copy`, which reads from one place what it writes to another. */
export type TextChange = Exclude<Change, { kind: 'copy' }>

/** Why a change is not made, as the end of a sentence that names it. */
export class NotEditable extends Error {}

/** How many steps of the path lead somewhere in the data. */
export function reach(data: Data, path: Path): number {
  let inside: Data | undefined = data
  for (const [index, step] of path.entries()) {
    inside = stepInto(inside, step)
    if (inside === undefined) return index
  }
  return path.length
}

/** What the data has at the path. */
export const dataAt = (data: Data, path: Path): Data | undefined => path.reduce<Data | undefined>(stepInto, data)

function stepInto(data: Data | undefined, step: string | number): Data | undefined {
  if (Array.isArray(data)) return data[Number(step)]
  return isMap(data) && Object.hasOwn(data, step) ? data[step] : undefined
}

const isMap = (data: Data | undefined): data is { readonly [key: string]: Data } =>
  typeof data === 'object' && data !== null && !Array.isArray(data)

/** The data after the change, and nothing else changed: what an edit of the text is held against. */
export function applyToData(data: Data, change: TextChange): Data {
  if (change.kind === 'reference') return mapTexts(data, text => replaceReference(text, change.from, change.to))
  if (change.kind === 'set') return alter(data, change.path, () => change.to)
  if (change.kind === 'remove') return alter(data, change.path, () => undefined)
  const last = change.path.at(-1) as string
  return alter(data, change.path.slice(0, -1), map => {
    if (!isMap(map)) throw new NotEditable('it is not in a map')
    if (Object.hasOwn(map, change.to)) throw new NotEditable(`\`${change.to}\` is there already`)
    return Object.fromEntries(
      Object.entries(map).map(([key, value]) => (key === last ? [change.to, change.value ?? value] : [key, value])),
    )
  })
}

// Undefined takes the entry out.
function alter(data: Data | undefined, path: Path, make: (data: Data | undefined) => Data | undefined): Data {
  const [step, ...rest] = path
  if (step === undefined) return make(data) ?? null
  const inside = rest.length > 0 ? alter(stepInto(data, step), rest, make) : make(stepInto(data, step))
  if (Array.isArray(data))
    return data.flatMap((item, index) => (index !== Number(step) ? [item] : inside === undefined ? [] : [inside]))
  return alterMap(data, String(step), inside)
}

function alterMap(data: Data | undefined, key: string, inside: Data | undefined): Data {
  if (data !== undefined && data !== null && !isMap(data)) throw new NotEditable('a single value stands where a map is needed')
  const entries = new Map(Object.entries(data ?? {}))
  if (inside === undefined) entries.delete(key)
  else entries.set(key, inside)
  return Object.fromEntries(entries)
}

function mapTexts(data: Data, change: (text: string) => string): Data {
  if (typeof data === 'string') return change(data)
  if (Array.isArray(data)) return data.map(item => mapTexts(item, change))
  return isMap(data) ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, mapTexts(value, change)])) : data
}

/** Every `from` in a text becomes `to`, but for one that an odd number of `$` before it makes plain text. */
export function replaceReference(text: string, from: string, to: string): string {
  const [first = '', ...rest] = text.split(from)
  return rest.reduce((before, after) => {
    const dollars = /\$*$/.exec(before)?.[0].length ?? 0
    return before + (dollars % 2 === 1 ? from : to) + after
  }, first)
}

/** Whether two pieces of data are the same, whatever the order of keys. */
export const same = (a: Data, b: Data): boolean => canonical(a) === canonical(b)

function canonical(data: Data): string {
  if (Array.isArray(data)) return `[${data.map(canonical)}]`
  if (!isMap(data)) return typeof data === 'number' ? String(data) : JSON.stringify(data)
  const entries = Object.entries(data).map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`)
  return `{${entries.sort()}}`
}
