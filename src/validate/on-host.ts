import { type Component, type Graph, SECTIONS } from '../collector/graph.ts'
import { listeningIn } from '../collector/listening.ts'
import { asText, settingsOf } from '../collector/settings.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type At, lookup } from '../source/value.ts'
import type { Finding } from './check.ts'
import { quote } from './words.ts'

interface Folder {
  readonly path: string
  readonly at: At
  readonly whose: string
  readonly hidden: boolean
}

/** What depends on the machine, without looking at it: folders that have to be there. */
export const hostNotes = (graph: Graph): Finding[] =>
  foldersOf(graph)
    .filter(({ path }) => !USUAL.has(path))
    .map(folder => finding('folder-must-exist', 'info', folder.at, `${nameOf(folder)} has to be there when the collector starts`))

/** The same, looked at on this machine, which is the collector's: what is missing here keeps it from starting. */
export async function hostErrors(graph: Graph, host: Pick<Host, 'files' | 'network'>): Promise<Finding[]> {
  const found: Finding[] = []
  for (const folder of foldersOf(graph)) {
    const state = await host.files.folder(folder.path)
    if (state === 'writable') continue
    found.push(finding('folder-must-exist', 'error', folder.at, `${nameOf(folder)} ${STATES[state]}`))
  }
  for (const { who, host: address, port, at, hidden } of listeningIn(graph)) {
    const reason = await takenBy({ host: address, port }, host)
    const where = hidden ? 'its port' : `port ${port}`
    if (reason)
      found.push(finding('port-taken', 'error', at, `${who} cannot listen on ${where}: ${hidden ? 'it is taken' : reason}`))
  }
  return found
}

/** With `--on-host` a variable that is not set is one that the collector will not have either. */
export const strictVariables = (findings: readonly Finding[]): Finding[] =>
  findings.map(one => (one.rule === 'unset-variable' ? { ...one, severity: 'error', kind: 'refused' } : one))

const STATES = { missing: 'is not there', 'no-folder': 'is no folder', 'read-only': 'cannot be written' } as const
/** There on every Unix. */
const USUAL: ReadonlySet<string> = new Set(['', '/', '/tmp', '/var', '/var/lib', '/var/log', '/var/tmp', '.'])

const finding = (rule: string, severity: 'info' | 'error', at: At, message: string): Finding => ({
  rule,
  severity,
  kind: severity === 'error' ? 'refused' : 'advice',
  at,
  message,
})

const nameOf = ({ path, whose, hidden }: Folder) => `the folder ${hidden ? '' : `${quote(path)} `}of ${quote(whose)}`

function foldersOf(graph: Graph): Folder[] {
  const used = new Set([...graph.pipelines.values()].flatMap(({ exporters }) => exporters.map(({ id }) => id)))
  const enabled = new Set(graph.extensions.map(({ id }) => id))
  return SECTIONS.flatMap(section => [...graph.components[section].values()]).flatMap(component => {
    if (component.section === 'exporters' && component.type === 'file' && used.has(component.id))
      return folderOf(component, 'path')
    if (component.type === 'file_storage' && enabled.has(component.id)) return folderOf(component, 'directory')
    return []
  })
}

/** contrib 0.161.0, filestorage. */
const DEFAULT_STORAGE = '/var/lib/otelcol/file_storage'

function folderOf(component: Component, key: 'path' | 'directory'): Folder[] {
  if (settingsOf(component).boolean('create_directory', false).value) return []
  const value = lookup(component.settings, key)
  const text = asText(value) ?? (key === 'directory' ? DEFAULT_STORAGE : '')
  if (text === '' || text.includes('${') || text.includes('*')) return []
  const path = key === 'directory' ? text : text.replace(/\/?[^/]*$/, '') || (text.startsWith('/') ? '/' : '.')
  const hidden = value?.kind === 'scalar' && value.fromEnvironment
  return [{ path, at: value?.at ?? component.at, whose: component.id, hidden }]
}

async function takenBy(address: { host: string; port: number }, { network }: Pick<Host, 'network'>): Promise<string | undefined> {
  try {
    const listener = await network.listen(address, () => ({ status: 503 }))
    await listener.close()
    return undefined
  } catch (error) {
    if (!(error instanceof FailoverctlError)) throw error
    return error.message
  }
}
