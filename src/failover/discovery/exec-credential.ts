import type { Clock } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Tools } from '../../core/tools.ts'

/** The `exec` of a kubeconfig's user (client-go, tools/clientcmd/api/v1 ExecConfig). */
export interface ExecConfig {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly installHint?: string
  readonly provideClusterInfo?: boolean
  readonly interactiveMode?: string
}

/** What such a program gives: secrets, until they expire. */
export interface ExecCredential {
  readonly token: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** What may be told to the program about the cluster (`spec.cluster` of an ExecCredential). */
export interface ClusterInfo {
  readonly server: string
  readonly 'tls-server-name'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'certificate-authority-data'?: string
}

interface Named {
  /** The kubeconfig, for messages; a relative command is looked for beside it. */
  readonly path: string
  readonly cluster: ClusterInfo
}

interface World {
  readonly clock: Pick<Clock, 'epochMs'>
  readonly tools: Pick<Tools, 'run'>
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/** A person may have to look at a browser, but nobody waits for ever. */
const TIMEOUT_MS = 60_000

/** Credentials that programs give, each kept until it expires or the server does not take it. */
export class ExecCredentials {
  readonly #world: World
  readonly #kept = new Map<string, { readonly credential: ExecCredential; readonly expiresAtEpochMs: number }>()

  constructor(world: World) {
    this.#world = world
  }

  /** Throws `bad-kubeconfig` with what is wrong with the program or its answer, which is never shown. */
  async of(exec: ExecConfig, named: Named): Promise<ExecCredential> {
    const key = JSON.stringify([exec, named])
    const kept = this.#kept.get(key)
    if (kept && this.#world.clock.epochMs() < kept.expiresAtEpochMs) return kept.credential
    const status = await this.#ask(exec, named)
    const credential = { token: status.token, cert: status.clientCertificateData, key: status.clientKeyData }
    const expires = Date.parse(status.expirationTimestamp ?? '')
    this.#kept.set(key, { credential, expiresAtEpochMs: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires })
    return credential
  }

  /** The server did not take what was kept. */
  forget(): void {
    this.#kept.clear()
  }

  async #ask(exec: ExecConfig, { path, cluster }: Named): Promise<Status> {
    const { apiVersion = '', command, args, env, provideClusterInfo, interactiveMode, installHint } = exec
    const wrong = (why: string) => bad(`${path}: ${command ?? 'exec'}: ${why}`, installHint)
    if (!command) throw bad(`${path}: exec has no command`)
    if (!VERSIONS.includes(apiVersion)) throw wrong(`apiVersion ${apiVersion || '(none)'} is none of ${VERSIONS.join(', ')}`)
    if (interactiveMode === 'Always') throw wrong('it wants to ask a person (interactiveMode: Always), and there is none here')
    const spec = { interactive: false, ...(provideClusterInfo ? { cluster } : {}) }
    const run = await this.#world.tools
      .run([programOf(command, path), ...(args ?? [])], {
        env: {
          ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
          KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec }),
        },
        timeoutMs: TIMEOUT_MS,
      })
      .catch((error: unknown) => {
        throw error instanceof FailoverctlError && error.code === 'no-such-tool' ? wrong(`it cannot be started`) : error
      })
    if (run.timedOut) throw wrong(`no answer within ${TIMEOUT_MS / 1000} s`)
    if (run.code !== 0) throw wrong(`ended with ${run.code ?? 'a signal'}${firstLine(run.err)}`)
    return statusOf(run.out, apiVersion, wrong)
  }
}

interface Status {
  readonly token?: string
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
  readonly expirationTimestamp?: string
}

function statusOf(text: string, wanted: string, wrong: (why: string) => FailoverctlError): Status {
  let answer: { kind?: string; apiVersion?: string; status?: Status } | null
  try {
    answer = JSON.parse(text)
  } catch {
    throw wrong('what it printed is no JSON')
  }
  if (answer?.kind !== 'ExecCredential') throw wrong('what it printed is no ExecCredential')
  if (answer.apiVersion !== wanted) throw wrong(`it answered in ${answer.apiVersion}, and was asked in ${wanted}`)
  const { token, clientCertificateData: cert, clientKeyData: key } = answer.status ?? {}
  if (!token && !(cert && key)) throw wrong('it gave neither a token nor a certificate with its key')
  if ((cert === undefined) !== (key === undefined)) throw wrong('it gave one of certificate and key without the other')
  return answer.status as Status
}

/** A bare name is looked for in PATH, a relative path beside the kubeconfig. */
const programOf = (command: string, path: string): string =>
  command.includes('/') && !command.startsWith('/') ? `${path.replace(/[^/]*$/, '')}${command}` : command

const firstLine = (text: string) => {
  const line = text.trim().split('\n', 1)[0]?.slice(0, 200) ?? ''
  return line === '' ? '' : `: ${line}`
}

// A provider tells the message alone, and how to get the program belongs to it.
const bad = (message: string, installHint?: string) =>
  new FailoverctlError('bad-kubeconfig', installHint ? `${message} (${installHint.trim().replace(/\s+/g, ' ')})` : message)
