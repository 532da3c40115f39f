import { type Command, Option } from 'commander'
import type { ComposeSettings } from '../chaos/targets/compose.ts'
import type { ContainerSettings } from '../chaos/targets/containers/target.ts'
import type { DockerSettings } from '../chaos/targets/docker.ts'
import type { Allowed } from '../chaos/targets/process-settings.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { readProject } from './project.ts'
import type { ContainersSection } from './project-containers.ts'

export interface ContainerOptions {
  /** The Compose file, where one is named. */
  readonly compose?: string
  readonly composeProject?: string
  readonly dockerCommand?: string
}

export const withContainerFlags = (command: Command): Command =>
  command
    .addOption(new Option('--compose <file>', 'the Compose file whose containers --target compose runs against'))
    .addOption(new Option('--compose-project <name>', 'its project, where the file runs as several'))
    .addOption(new Option('--docker-command <program>', 'docker, podman, or a path of either (default: docker)'))

const SECTION_HINT = 'docs/chaos-docker.md has an example.'
const DEFAULT_COMMAND = 'docker'

/** What the project file says under `docker`. Throws `wrong-use` where it says nothing. */
export async function dockerSettings(
  options: ContainerOptions,
  project: string | undefined,
  allowed: Allowed,
  host: Host,
): Promise<DockerSettings> {
  const { docker: section } = (await readProject(project, host)) as { readonly docker?: ContainersSection }
  if (!section) {
    const hint = `Name them under \`docker\` in failoverctl.yaml, or use --target compose. ${SECTION_HINT}`
    throw new FailoverctlError('wrong-use', 'the project file names no containers', hint)
  }
  return { ...containerSettings(section, allowed), command: options.dockerCommand ?? DEFAULT_COMMAND }
}

/** The Compose project, and what the project file says under `docker` that cannot be found. Throws `wrong-use` where no file is named. */
export async function composeSettings(
  options: ContainerOptions,
  project: string | undefined,
  allowed: Allowed,
  host: Host,
): Promise<ComposeSettings> {
  const { compose: file, composeProject: name, dockerCommand: command = DEFAULT_COMMAND } = options
  if (file === undefined) {
    const hint = `Name it: --compose docker-compose.yml, or \`compose\` in failoverctl.yaml. ${SECTION_HINT}`
    throw new FailoverctlError('wrong-use', 'no Compose file is named', hint)
  }
  const { docker: section = {} } = (await readProject(project, host)) as { readonly docker?: ContainersSection }
  return { ...containerSettings(section, allowed), file, name, command }
}

const containerSettings = (
  { traffic, metrics, collector, backends = {} }: ContainersSection,
  { rootVolume }: Allowed,
): ContainerSettings => ({
  rootVolume,
  traffic,
  metrics,
  collector,
  backends: Object.fromEntries(
    Object.entries(backends).map(([name, { container, arrivals, 'arrivals-in-container': arrivalsInContainer }]) => [
      name,
      { container, arrivals, arrivalsInContainer },
    ]),
  ),
})
