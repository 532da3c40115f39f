import { FailoverctlError } from '../core/errors.ts'
import type { ToolRun } from '../core/tools.ts'

/** What a run of docker or podman that failed means. `command` is which of them, `what` is what was tried: `stop primary`. */
export function dockerError(command: string, what: string, { code, err, out, timedOut }: ToolRun): FailoverctlError {
  const said = clean(err) || clean(out)
  const tried = `${command} ${what}`
  if (timedOut)
    return new FailoverctlError('no-answer', `${tried}: no answer in time`, 'Does the engine hang? Its log says more.')
  if (code === undefined) return new FailoverctlError('tool-failed', `${tried}: ended before it could answer`)
  for (const [pattern, make] of MEANINGS) {
    const match = pattern.exec(said)
    if (match) return make(tried, said, match)
  }
  return new FailoverctlError('tool-failed', `${tried}: ${said || `ended with ${code}`}`)
}

/** What an engine says where a container is not paused, or not there at all. */
export const NOT_PAUSED = 'is not paused'
export const NO_CONTAINER = ['No such container', 'no such container']

type Make = (tried: string, said: string, match: RegExpExecArray) => FailoverctlError

const noEngine: Make = (_, said, { groups }) =>
  new FailoverctlError(
    'no-answer',
    `no container engine answers${groups?.socket ? ` at ${groups.socket}` : `: ${said}`}`,
    'Start it (systemctl start docker), or say where it is: DOCKER_HOST, or docker context use.',
  )

/** As Docker's client 20.10 and 28, its engine 20.10, and Podman 4 word them; the first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, Make])[] = [
  [
    /permission denied while trying to connect to the (?:Docker daemon socket|docker API) at (?<socket>\S+?):? /i,
    (_, __, { groups }) =>
      new FailoverctlError(
        'no-access',
        `this user may not use the container engine at ${groups?.socket}`,
        'Run failoverctl as a user of the group `docker` (it may do what root may), or as root.',
      ),
  ],
  [/Cannot connect to the Docker daemon at (?<socket>\S+?)\.? /, noEngine],
  [/failed to connect to the docker API at (?<socket>[^\s;]+)/, noEngine],
  [/unable to connect to Podman|Cannot connect to Podman|error during connect/, noEngine],
  [
    /context "(?<context>[^"]*)": context not found|context "(?<other>[^"]*)" does not exist/,
    (_, __, { groups }) =>
      new FailoverctlError(
        'no-such-object',
        `docker has no context ${groups?.context ?? groups?.other}`,
        'Those that there are: docker context ls.',
      ),
  ],
  [
    /No such container:? (?<name>\S+)|no container with name or ID "?(?<podman>[^"\s]+)"? found/i,
    (_, __, { groups }) =>
      new FailoverctlError(
        'no-such-object',
        `there is no container ${groups?.name ?? groups?.podman}`,
        'Those that there are: docker ps --all.',
      ),
  ],
  [
    /Could not find the file (?<path>.+) in container|"(?<podman>[^"]+)" could not be found on container/,
    (tried, _, { groups }) => new FailoverctlError('no-such-file', `${tried}: ${groups?.path ?? groups?.podman}: no such file`),
  ],
  [/permission denied/i, (tried, said) => new FailoverctlError('no-access', `${tried}: ${said}`)],
]

/** One line, without what the client says about itself. */
const clean = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(?:\[\]|WARNING: .*|time=".*level=warning.*)$/.test(line))
    .join(' ')
    .replace(/^(?:Error response from daemon: |Error: )/, '')
    .slice(0, 1000)
