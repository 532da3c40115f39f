import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Agent, request } from 'undici'
import { buildControllers, buildKubernetes } from './build.mjs'
import { nodeNamed, stagesOfPods, type Unready } from './stages.ts'

export interface ClusterOptions {
  /** Controllers and scheduler move workloads; their pods are on simulated nodes, where each is ready at once. */
  readonly controllers?: boolean
  /** How many nodes there are; one is enough for all but daemon sets. */
  readonly nodes?: number
  /** Pods that never get ready, or that crash after they were. */
  readonly unready?: Unready
  /** Where a port of a pod leads to, when it is forwarded: a program of this machine, on 127.0.0.1. */
  readonly forwards?: Readonly<Record<number, number>>
}

/**
 * A real API server with its etcd, on 127.0.0.1. Without `controllers` there are no nodes either: what is in it, a test
 * puts there. With them `path` has a kubectl in front, for programs that look for one.
 */
export class Cluster {
  readonly folder: string
  readonly port: number
  /** As the PATH of programs that call kubectl; undefined without controllers. */
  path: string | undefined
  #children: ChildProcess[] = []
  #written = new Map<string, string>()
  #agent = new Agent({ connect: { rejectUnauthorized: false } })

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { apiServer, etcd } = await buildKubernetes()
    const built = options.controllers ? await buildControllers() : undefined
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), 'failoverctl-kubernetes-')), await freePort())
    try {
      await cluster.#startEtcd(etcd).then(url => cluster.#startServer(apiServer, url))
      if (built) await cluster.#startControllers(built, options)
    } catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  /** A kubeconfig for one of the tokens: `admin` may do all, `nobody` nothing, `limited` what `allow` has given it. */
  async kubeconfig(token: string, extra = ''): Promise<string> {
    const file = join(this.folder, `${token}.yaml`)
    // Somebody may read it just now.
    if (this.#written.get(token) === extra) return file
    const ca = await readFile(join(this.folder, 'certs', 'apiserver.crt'), 'base64')
    await writeFile(
      file,
      `apiVersion: v1
kind: Config
current-context: test
contexts:
  - { name: test, context: { cluster: test, user: test, namespace: telemetry } }
  - { name: elsewhere, context: { cluster: test, user: test, namespace: elsewhere } }
clusters:
  - name: test
    cluster: { server: 'https://127.0.0.1:${this.port}', certificate-authority-data: ${ca} }
users:
  - { name: test, user: { token: ${token} } }
${extra}`,
    )
    this.#written.set(token, extra)
    return file
  }

  /** From now on the token `limited` may do this, and nothing else, in a namespace. */
  async allow(
    namespace: string,
    rules: readonly { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[],
  ): Promise<void> {
    const base = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
    const [metadata, apiVersion] = [{ name: 'limited' }, 'rbac.authorization.k8s.io/v1']
    await this.ask('DELETE', `${base}/roles/limited`).catch(() => {})
    await this.ask('POST', `${base}/roles`, { apiVersion, kind: 'Role', metadata, rules })
    await this.ask('DELETE', `${base}/rolebindings/limited`).catch(() => {})
    await this.ask('POST', `${base}/rolebindings`, {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'limited' },
      subjects: [{ kind: 'User', name: 'limited', apiGroup: 'rbac.authorization.k8s.io' }],
    })
  }

  /** Runs kubectl as `admin`; rejects with what it said when it fails. */
  async kubectl(words: readonly string[], input?: string): Promise<string> {
    const { execa } = await import('execa')
    const options = { env: { PATH: this.path ?? process.env.PATH ?? '', KUBECONFIG: await this.kubeconfig('admin') } }
    const { stdout } = await execa('kubectl', words, { ...options, ...(input === undefined ? {} : { input }) })
    return stdout
  }

  async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const answer = await request(`https://127.0.0.1:${this.port}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
    return text.startsWith('{') ? JSON.parse(text) : text
  }

  async stop(): Promise<void> {
    await this.#agent.destroy()
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await rm(this.folder, { recursive: true, force: true })
  }

  async #startEtcd(etcd: string): Promise<string> {
    const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
    this.#run(etcd, [
      `--data-dir=${join(this.folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ])
    return client
  }

  async #startServer(apiServer: string, etcd: string): Promise<void> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const [pub, key, tokens] = ['sa.pub', 'sa.key', 'tokens.csv'].map(name => join(this.folder, name)) as [string, string, string]
    await writeFile(pub, publicKey.export({ type: 'spki', format: 'pem' }))
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await writeFile(tokens, 'admin,admin,admin,system:masters\nnobody,nobody,nobody\nlimited,limited,limited\n')
    const child = this.#run(apiServer, [
      `--etcd-servers=${etcd}`,
      '--service-account-issuer=https://kubernetes.test',
      `--service-account-key-file=${pub}`,
      `--service-account-signing-key-file=${key}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${this.port}`,
      `--cert-dir=${join(this.folder, 'certs')}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=RBAC',
    ])
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`the API server ended: ${this.#said.slice(-2000)}`)
      if ((await this.ask('GET', '/readyz').catch(() => '')) === 'ok') return
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    throw new Error('the API server was not ready within a minute')
  }

  async #startControllers(built: Awaited<ReturnType<typeof buildControllers>>, options: ClusterOptions): Promise<void> {
    const kubeconfig = await this.kubeconfig('admin')
    const local = ['--leader-elect=false', '--bind-address=127.0.0.1']
    const key = `--service-account-private-key-file=${join(this.folder, 'sa.key')}`
    // A pod that waits for its controller again and again is slow only because of these.
    const eager = ['--kube-api-qps=500', '--kube-api-burst=500']
    this.#run(built.controllers, [
      `--kubeconfig=${kubeconfig}`,
      key,
      ...local,
      ...eager,
      `--secure-port=${await freePort()}`,
      `--cert-dir=${join(this.folder, 'controllers')}`,
    ])
    this.#run(built.scheduler, [
      `--kubeconfig=${kubeconfig}`,
      ...local,
      ...eager,
      `--secure-port=${await freePort()}`,
      `--cert-dir=${join(this.folder, 'scheduler')}`,
    ])
    const nodePort = await freePort()
    const stages = join(this.folder, 'stages.yaml')
    await writeFile(stages, stagesOfPods(await readFile(built.stages, 'utf8'), options))
    this.#run(built.kwok, [
      `--kubeconfig=${kubeconfig}`,
      '--manage-all-nodes=true',
      '--node-ip=127.0.0.1',
      `--node-port=${nodePort}`,
      `--server-address=127.0.0.1:${nodePort}`,
      `--tls-cert-file=${join(this.folder, 'certs', 'apiserver.crt')}`,
      `--tls-private-key-file=${join(this.folder, 'certs', 'apiserver.key')}`,
      `--config=${stages}`,
    ])
    for (let node = 0; node < (options.nodes ?? 1); node++) await this.ask('POST', '/api/v1/nodes', nodeNamed(`node-${node}`))
    this.path = `${dirname(built.kubectl)}${delimiter}${process.env.PATH ?? ''}`
    await this.ask('POST', '/api/v1/namespaces', { metadata: { name: 'telemetry' } })
    await this.#until('a namespace with its service account', () =>
      this.ask('GET', '/api/v1/namespaces/telemetry/serviceaccounts/default'),
    )
  }

  async #until(what: string, ask: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      if (
        await ask().then(
          () => true,
          () => false,
        )
      )
        return
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    throw new Error(`there was no ${what} within 30 s: ${this.#said.slice(-2000)}`)
  }

  #said = ''

  #run(command: string, args: string[]): ChildProcess {
    const child = spawn(command, args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr?.setEncoding('utf8').on('data', part => {
      this.#said = (this.#said + part).slice(-8000)
    })
    this.#children.push(child)
    return child
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
