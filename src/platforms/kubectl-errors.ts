import { FailoverctlError } from '../core/errors.ts'
import type { ToolRun } from '../core/tools.ts'

/** Whether the API server could not be reached, or gave no answer: what was asked for may have been done or not. */
export const isLostConnection = (error: unknown): boolean => error instanceof FailoverctlError && error.code === 'no-answer'

/** What a run of kubectl that failed means. `what` is what was tried: `get configmap/otel-collector`. */
export function kubectlError(what: string, { code, err, out, timedOut }: ToolRun): FailoverctlError {
  const said = clean(err) || clean(out)
  if (timedOut) return lost(what, 'no answer in time')
  if (code === undefined) return new FailoverctlError('tool-failed', `kubectl ${what}: ended before it could answer`)
  for (const [pattern, make] of MEANINGS) {
    const match = pattern.exec(said)
    if (match) return make(what, said, match)
  }
  return new FailoverctlError('tool-failed', `kubectl ${what}: ${said || `ended with ${code}`}`)
}

type Make = (what: string, said: string, match: RegExpExecArray) => FailoverctlError

const lost = (what: string, said: string) =>
  new FailoverctlError(
    'no-answer',
    `kubectl ${what}: the cluster does not answer (${said})`,
    'Check the context (kubectl config current-context) and the connection to it.',
  )

const forbidden: Make = (_, said, match) => {
  const { user, verb, resource, group, namespace } = match.groups ?? {}
  const where = namespace ? ` in namespace ${namespace}` : ''
  return new FailoverctlError(
    'no-access',
    `user ${user} may not ${verb} ${group ? `${resource}.${group}` : resource}${where}`,
    `A role must have the verb \`${verb}\` on \`${resource}\`${group ? ` of the API group \`${group}\`` : ''}. The server said: ${said}`,
  )
}

/** As kubectl 1.36 and the API server word them; the first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, Make])[] = [
  [
    /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/,
    forbidden,
  ],
  [/\(Forbidden\)/, (what, said) => new FailoverctlError('no-access', `kubectl ${what}: ${said}`)],
  [
    /Unauthorized|must be logged in|provide credentials/,
    what =>
      new FailoverctlError(
        'no-access',
        `kubectl ${what}: the cluster does not know who asks`,
        'Log in again, or name a --kubeconfig.',
      ),
  ],
  [
    /request is too large|entity too large|Too long: (?:must have|may not be)/i,
    (what, said) => new FailoverctlError('too-large', `kubectl ${what}: ${said}`),
  ],
  [
    /\(Conflict\)|the object has been modified|\(AlreadyExists\)/,
    (what, said) => new FailoverctlError('conflict', `kubectl ${what}: somebody else changed it in between`, said),
  ],
  [
    /\(NotFound\)|doesn't have a resource type|no matches for kind/,
    (what, said) =>
      new FailoverctlError('no-such-object', `kubectl ${what}: ${said}`, 'Check the name, the namespace (-n) and the context.'),
  ],
  [
    /current-context must exist/,
    () =>
      new FailoverctlError(
        'bad-kubeconfig',
        'no cluster is named: there is no kubeconfig, or no current context in it',
        'Name one: --kubeconfig, $KUBECONFIG, or --context.',
      ),
  ],
  [
    /context "[^"]*" does not exist|cannot locate context|no configuration has been provided|error loading config file|stat .*: no such file/i,
    (_, said) => new FailoverctlError('bad-kubeconfig', `kubectl: ${said}`, 'Check --context and --kubeconfig.'),
  ],
  [
    /connection to the server .* was refused|Unable to connect|dial tcp|TLS handshake timeout|i\/o timeout|connection reset|unexpected EOF|deadline exceeded|ServiceUnavailable|etcdserver: /i,
    lost,
  ],
]

/** One line: the last that is none of the client's own log. Tokens do not stand in what kubectl says. */
const clean = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^[EIW]\d{4} /.test(line))
    .join(' ')
    .replace(/^(?:error: |Error from server )/, '')
    .slice(0, 1000)
