import { FailoverctlError } from '../core/errors.ts'
import { parseReference } from './references.ts'
import type { At, Note } from './value.ts'

export type Env = Readonly<Record<string, string | undefined>>
export type ReadFile = (path: string) => Promise<string>

/** Where references are looked up and what there is to remark about them. */
export interface Sources {
  readonly env: Env
  readonly readFile: ReadFile | undefined
  readonly note: (note: Note) => void
}

/** A place that refers to something. A reference that other ones built may hold a secret, and is not shown. */
export interface Referrer {
  readonly at: At
  readonly reference: string
  readonly hidden: boolean
}

/** What a reference stands for; `isText` where the Collector does not read it as YAML. Undefined when it is noted and left as it is. */
export type Reply = { readonly text: string; readonly isText: boolean; readonly isUnset?: boolean } | undefined

export async function retrieve(sources: Sources, referrer: Referrer): Promise<Reply> {
  const parsed = parseReference(referrer.reference)
  switch (parsed.kind) {
    case 'env':
      return fromEnvironment(sources, referrer, parsed.name, parsed.fallback)
    case 'yaml':
      return { text: parsed.text, isText: false }
    case 'file':
      return fromFile(sources, referrer, parsed.path)
    case 'remote':
      return leave(sources, referrer, 'info', 'not read: it would need the network')
    case 'bad':
      return leave(sources, referrer, 'error', referrer.hidden ? REFUSED : parsed.reason, parsed.meant)
  }
}

// An empty variable counts as set, unlike in a shell, and takes no default (envprovider v1.67.0).
function fromEnvironment({ env, note }: Sources, { at, hidden }: Referrer, name: string, fallback: string | undefined): Reply {
  const text = Object.hasOwn(env, name) ? env[name] : undefined
  if (text !== undefined) return { text, isText: false }
  if (fallback !== undefined) return { text: fallback, isText: fallback === '' }
  const message = `${hidden ? 'an environment variable' : `environment variable \`${name}\``} is not set: the value is empty`
  note({ at, id: 'unset-variable', severity: 'info', message })
  return { text: '', isText: false, isUnset: true }
}

async function fromFile(sources: Sources, referrer: Referrer, path: string): Promise<Reply> {
  if (!sources.readFile) return leave(sources, referrer, 'info', 'not read')
  try {
    return { text: await sources.readFile(path), isText: false }
  } catch (error) {
    if (!(error instanceof FailoverctlError)) throw error
    return leave(sources, referrer, 'error', referrer.hidden ? REFUSED : error.message)
  }
}

const REFUSED = 'the Collector refuses what it becomes'

/** Remarks that a reference stays as it is written. */
export function leave(
  { note }: Sources,
  { at, reference, hidden }: Referrer,
  severity: 'error' | 'info',
  reason: string,
  meant?: string,
): undefined {
  const what = hidden ? 'a reference made of other values' : `\`${clip(reference)}\``
  note({
    at,
    id: 'bad-reference',
    severity,
    message: `${what}: ${reason}`,
    ...(meant && !hidden ? { meant: { from: reference, to: meant } } : {}),
  })
}

const clip = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text)
