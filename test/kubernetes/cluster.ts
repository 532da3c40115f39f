import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { buildKubernetes } from './build.mjs'

/** A real API server with its etcd, on 127.0.0.1. No controllers and no nodes: what is in it, a test puts there. */
export class Cluster {
  readonly folder: string
  readonly port: number
  #children: ChildProcess[] = []
  #agent = new Agent({ connect: { rejectUnauthorized: false } })

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
  }

  static async start(): Promise<Cluster> {
    const { apiServer, etcd } = await buildKubernetes()
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), 'failoverctl-kubernetes-')), await freePort())
    try {
      await cluster.#startEtcd(etcd).then(url => cluster.#startServer(apiServer, url))
    } catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  /** A kubeconfig for one of the tokens: `admin` may do all, `nobody` nothing. */
  async kubeconfig(token: string, extra = ''): Promise<string> {
    const file = join(this.folder, `${token}.yaml`)
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
    return file
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
    await writeFile(tokens, 'admin,admin,admin,system:masters\nnobody,nobody,nobody\n')
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
