import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { decodeText } from '../source/decode-text.ts'
import { readYaml } from '../source/read-yaml.ts'
import { lookup } from '../source/value.ts'
import type { Container } from './container.ts'
import type { Docker } from './docker.ts'

/** What every kind of compose (1.29, 2, podman-compose) writes onto its containers. */
const PROJECT = 'com.docker.compose.project'
const SERVICE = 'com.docker.compose.service'
const FILES = 'com.docker.compose.project.config_files'
const FOLDER = 'com.docker.compose.project.working_dir'
const ONE_OFF = 'com.docker.compose.oneoff'

/** Which project: by the file that it was made from, by its name, or by both. */
export interface ComposeProject {
  readonly file: string
  readonly name?: string | undefined
}

/**
 * The containers that compose made from a file, whichever compose that was: it need not be here. Those of `docker compose run` are left
 * out. Throws `no-such-file`, `not-a-config`, and `no-such-object` where nothing was made from it.
 */
export async function containersOfProject(
  { file, name }: ComposeProject,
  docker: Docker,
  host: Pick<Host, 'files' | 'disk' | 'env'>,
): Promise<Container[]> {
  const calledInFile = await nameIn(file, host)
  const all = (await docker.labelled([SERVICE])).filter(({ labels }) => labels[ONE_OFF]?.toLowerCase() !== 'true')
  const wanted = name ?? host.env.COMPOSE_PROJECT_NAME
  const called = (project: string | undefined) => all.filter(({ labels }) => labels[PROJECT] === project)
  const made = wanted === undefined ? await madeFrom(file, all, host) : called(wanted)
  const found = made.length === 0 && wanted === undefined && calledInFile !== undefined ? called(calledInFile) : made
  const projects = [...new Set(found.map(({ labels }) => labels[PROJECT] ?? ''))]
  if (projects.length > 1) {
    const hint = 'Say which one is meant: --compose-project, or COMPOSE_PROJECT_NAME.'
    throw new FailoverctlError('wrong-use', `${file} runs as several projects: ${projects.join(', ')}`, hint)
  }
  if (found.length > 0) return found
  throw new FailoverctlError(
    'no-such-object',
    `no containers of ${file}${wanted === undefined ? '' : ` in the project ${wanted}`}`,
    `Start them: docker compose -f ${file} up -d. Another project name is given with --compose-project.`,
  )
}

export const serviceOf = ({ labels }: Container): string | undefined => labels[SERVICE]

/** The project's name as the file says it; undefined: compose takes that of its folder, or of the command line. */
async function nameIn(file: string, { files }: Pick<Host, 'files'>): Promise<string | undefined> {
  const root = readYaml(file, decodeText(file, await files.read(file)))
  if (lookup(root, 'services')?.kind !== 'map') {
    const fault = `${file}:1: no \`services\`: it is no Compose file`
    throw new FailoverctlError('not-a-config', fault, 'Name the file of docker compose.')
  }
  const name = lookup(root, 'name')
  return name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : undefined
}

/** Files are the same when the disk says so: labels hold paths as compose saw them, past links and relative ones. */
async function madeFrom(file: string, containers: readonly Container[], { disk }: Pick<Host, 'disk'>): Promise<Container[]> {
  const ours = await identityOf(file, disk)
  const found: Container[] = []
  for (const container of containers) {
    const folder = container.labels[FOLDER] ?? ''
    const paths = (container.labels[FILES] ?? '').split(',').map(path => (path.startsWith('/') ? path : `${folder}/${path}`))
    for (const path of paths) {
      if ((await identityOf(path, disk)) !== ours) continue
      found.push(container)
      break
    }
  }
  return found
}

async function identityOf(path: string, disk: Host['disk']): Promise<string | undefined> {
  const found = await disk.look(path).catch(() => undefined)
  return found && `${found.device}/${found.inode}`
}
