import type { Command, Option } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { beside } from '../source/beside.ts'
import { decodeText } from '../source/decode-text.ts'
import { readYaml } from '../source/read-yaml.ts'
import { schemaNotes } from '../source/schema.ts'
import { lookup, plain, type Value } from '../source/value.ts'
import { type ContainersSection, containersBeside } from './project-containers.ts'
import { type KubernetesSection, kubernetesBeside } from './project-kubernetes.ts'

/** Read from the current folder when it is there and `--project` does not name another. */
const DEFAULT_FILE = 'failoverctl.yaml'

/**
 * Gives every option of the command that the command line left open its value from the environment
 * (`--hold` is FAILOVERCTL_HOLD) or from the project file: flag beats environment beats file beats default.
 */
export async function settle(command: Command, host: Host): Promise<void> {
  const open = command.options.filter(option => command.getOptionValueSource(option.attributeName()) !== 'cli')
  const project = open.length > 0 ? await readProject(command.getOptionValue('project') as string | undefined, host) : {}
  for (const option of open) {
    const name = option.long?.replace(/^--/, '') ?? ''
    const variable = `FAILOVERCTL_${name.replaceAll('-', '_').toUpperCase()}`
    const fromEnvironment = host.env[variable]
    const value = fromEnvironment ?? settingFor(project, command.name(), name)
    if (value === undefined || name === 'project') continue
    // Configs that are named on the command line are meant instead of the project's, not besides.
    if (name === 'config' && command.args.length > 0) continue
    const [source, from] = fromEnvironment === undefined ? ['project file', 'config'] : [variable, 'env']
    command.setOptionValueWithSource(option.attributeName(), convert(option, value, source), from)
  }
}

export type Project = Readonly<Record<string, unknown>>

/** What simulate does to one config, compare does to several; what deploy changes, rollback changes back. */
const SECTIONS: Readonly<Record<string, string>> = { compare: 'simulate', rollback: 'deploy', history: 'deploy' }

// A value for one command, or one that several share.
const settingFor = (project: Project, command: string, option: string): unknown =>
  (project[SECTIONS[command] ?? command] as Project | undefined)?.[option] ?? (option === command ? undefined : project[option])

/** The project file; nothing where there is none. `from` is what --project says. Throws `bad-project-file`. */
export async function readProject(from: string | undefined, { files, env }: Host): Promise<Project> {
  const named = from ?? env.FAILOVERCTL_PROJECT
  if (named === undefined && !(await files.exists(DEFAULT_FILE))) return {}
  const file = named ?? DEFAULT_FILE
  const root = readYaml(file, decodeText(file, await files.read(file)))
  const data = plain(root)
  // The schemas are half a megabyte, and most runs have no project file.
  const { project: isProject } = await import('#schemas')
  if (!isProject(data)) {
    const notes = root.kind === 'map' ? schemaNotes(root, isProject.errors ?? []) : []
    const [first] = notes
    const where = first
      ? `${first.at.file}:${first.at.line}:${first.at.column}: ${first.message}`
      : `${file}: expected a map of settings`
    throw new FailoverctlError('bad-project-file', where, 'schemas/project.schema.json says what a project file may hold.')
  }
  await checkRules(lookup(root, 'validate', 'rules'))
  return asFlags(besideProject(data as Project, file))
}

/** A rule that there is not is told with its place. Only a project file with rules pays for loading them. */
async function checkRules(rules: Value | undefined): Promise<void> {
  if (rules?.kind !== 'map') return
  const { parseLevel } = await import('../validate/severities.ts')
  for (const { key, keyAt, value } of rules.entries.values()) {
    try {
      parseLevel(`${key}=${plain(value)}`)
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      const { file, line, column } = keyAt
      throw new FailoverctlError('bad-project-file', `${file}:${line}:${column}: ${error.message}`, error.hint, error)
    }
  }
}

/** `rules: {same-backend: off}` as `--rules same-backend=off` would say it. */
function asFlags(project: Project): Project {
  const validate = project.validate as { readonly rules?: Readonly<Record<string, string>> } | undefined
  if (!validate?.rules) return project
  return { ...project, validate: { ...validate, rules: Object.entries(validate.rules).map(([id, level]) => `${id}=${level}`) } }
}

/** Paths are meant from the project file's own folder. */
function besideProject(project: Project, file: string): Project {
  const from = (path: string) => beside(file, path)
  const {
    config,
    validate,
    simulate,
    process: section,
    docker,
    kubernetes,
    compose,
    deploy,
  } = project as {
    config?: string | string[]
    validate?: { baseline?: string }
    simulate?: { experiment?: string }
    process?: ProcessSection
    docker?: ContainersSection
    kubernetes?: KubernetesSection
    compose?: string
    deploy?: DeploySection
  }
  return {
    ...project,
    ...(config === undefined ? {} : { config: [config].flat().map(from) }),
    ...(section ? { process: processBeside(section, from) } : {}),
    ...(docker ? { docker: containersBeside(docker, from) } : {}),
    ...(kubernetes ? { kubernetes: kubernetesBeside(kubernetes, from) } : {}),
    ...(compose === undefined ? {} : { compose: from(compose) }),
    ...(deploy ? { deploy: deployBeside(deploy, from) } : {}),
    ...(validate?.baseline === undefined ? {} : { validate: { ...validate, baseline: from(validate.baseline) } }),
    ...(simulate?.experiment === undefined ? {} : { simulate: { ...simulate, experiment: from(simulate.experiment) } }),
  }
}

/** Where deploy, rollback and history find the collectors, and how they go about it: what of it is a path. */
interface DeploySection {
  readonly to?: string
  readonly kubeconfig?: string
  readonly 'pid-file'?: string
}

function deployBeside({ to, ...section }: DeploySection, from: (path: string) => string): DeploySection {
  const { kubeconfig, 'pid-file': pidFile } = section
  return {
    ...section,
    ...(to !== undefined && { to: to.startsWith('file:') ? `file:${from(to.slice('file:'.length))}` : to }),
    ...(kubeconfig !== undefined && { kubeconfig: from(kubeconfig) }),
    ...(pidFile !== undefined && { 'pid-file': from(pidFile) }),
  }
}

/** The processes that chaos runs against, as the schema has them. */
export interface ProcessSection {
  readonly traffic: string
  readonly metrics: string
  readonly netns?: string
  readonly collector?: DescribedProgram & { readonly config?: string }
  readonly backends: Readonly<Record<string, DescribedBackend>>
}

interface DescribedProgram {
  readonly start: readonly string[]
  readonly stop?: readonly string[]
  readonly 'pid-file': string
  readonly volume?: string
}

export interface DescribedBackend extends DescribedProgram {
  readonly arrivals?: string
  readonly sink?: string
  readonly metrics?: string
  readonly netns?: string
  readonly proxy?: { readonly listen: string; readonly upstream: string }
}

const processBeside = ({ collector, backends, ...section }: ProcessSection, from: (path: string) => string): ProcessSection => ({
  ...section,
  ...(collector && {
    collector: { ...programBeside(collector, from), ...(collector.config !== undefined && { config: from(collector.config) }) },
  }),
  backends: Object.fromEntries(
    Object.entries(backends).map(([name, backend]) => [
      name,
      { ...programBeside(backend, from), ...(backend.arrivals !== undefined && { arrivals: from(backend.arrivals) }) },
    ]),
  ),
})

const programBeside = <P extends DescribedProgram>(program: P, from: (path: string) => string): P => ({
  ...program,
  'pid-file': from(program['pid-file']),
  ...(program.volume !== undefined && { volume: from(program.volume) }),
})

/** The value as the flag itself would read it. */
function convert(option: Option, value: unknown, source: string): unknown {
  if (option.isBoolean() || option.negate) {
    const isOn = value === true || /^(1|true|yes|on)$/i.test(String(value))
    return option.negate ? !isOn : isOn
  }
  const texts = (Array.isArray(value) ? value : [value]).map(String)
  const wrong = texts.find(text => option.argChoices && !option.argChoices.includes(text))
  if (wrong !== undefined)
    throw new FailoverctlError(
      'wrong-use',
      `${source}: ${option.long} cannot be ${wrong}`,
      `It is one of ${option.argChoices?.join(', ')}.`,
    )
  const { parseArg } = option
  if (!parseArg) return texts.at(-1)
  try {
    return texts.reduce<unknown>((before, text) => parseArg(text, before), option.defaultValue)
  } catch (error) {
    throw new FailoverctlError(
      'wrong-use',
      `${source}: ${option.long} cannot be ${texts.join(', ')}`,
      (error as Error).message,
      error,
    )
  }
}
