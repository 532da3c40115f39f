// @ts-check
// Brings a real Kubernetes control plane and its etcd into the cache, built from Go modules.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = path.dirname(fileURLToPath(import.meta.url))
const CACHE = path.join(os.homedir(), '.cache', 'failoverctl-test')

/**
 * Paths of the API server and its etcd, made first where they are missing: a few minutes, once.
 * @returns {Promise<{ apiServer: string, etcd: string }>}
 */
export async function buildKubernetes() {
  // Built, too: that of a distribution may be too old for watches that begin with a list, and clients then wait for seconds.
  const [etcd = ''] = await build('etcd', 'etcd', ['go.etcd.io/etcd/server/v3'])
  const [apiServer = ''] = await build('.', 'kubernetes', ['k8s.io/kubernetes/cmd/kube-apiserver'])
  return { etcd, apiServer }
}

/**
 * Paths of all that makes workloads move: controllers, scheduler, kubectl, and kwok, which plays the nodes.
 * @returns {Promise<{ controllers: string, scheduler: string, kubectl: string, kwok: string, stages: string }>}
 */
export async function buildControllers() {
  const [controllers = '', scheduler = '', kubectl = ''] = await build('control-plane', 'control-plane', [
    'k8s.io/kubernetes/cmd/kube-controller-manager',
    'k8s.io/kubernetes/cmd/kube-scheduler',
    'k8s.io/kubernetes/cmd/kubectl',
  ])
  const [kwok = ''] = await build('kwok', 'kwok', ['sigs.k8s.io/kwok/cmd/kwok'])
  return { controllers, scheduler, kubectl, kwok, stages: await copyStages(path.dirname(kwok)) }
}

/**
 * Binaries of packages, built in the module of that folder. Its go.mod and go.sum decide whether they are made anew.
 * @param {string} module
 * @param {string} name
 * @param {string[]} packages
 */
async function build(module, name, packages) {
  const sources = path.join(SOURCES, module)
  const folder = path.join(CACHE, `${name}-${await hashOf(sources, ['go.mod', 'go.sum'])}`)
  const binaries = packages.map(each => path.join(folder, nameOf(each)))
  for (const [index, binary] of binaries.entries()) {
    if (await exists(binary)) continue
    await mkdir(folder, { recursive: true })
    const draft = `${binary}.${process.pid}.unfinished`
    try {
      await run('go', ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', draft, packages[index] ?? ''], sources)
      await rename(draft, binary)
    } finally {
      await rm(draft, { force: true })
    }
  }
  return binaries
}

const STAGES = ['node/fast/node-initialize.yaml', 'node/heartbeat/node-heartbeat.yaml', 'pod/fast/pod-ready.yaml']
  .concat(['pod/fast/pod-complete.yaml', 'pod/fast/pod-delete.yaml'])
  .map(file => `kustomize/stage/${file}`)

/**
 * What kwok does with nodes and pods, as its module brings it, in one file.
 * @param {string} folder
 */
async function copyStages(folder) {
  const file = path.join(folder, 'stages.yaml')
  if (await exists(file)) return file
  const module = (
    await run('go', ['list', '-mod=mod', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], path.join(SOURCES, 'kwok'))
  ).trim()
  const texts = await Promise.all(STAGES.map(stage => readFile(path.join(module, stage), 'utf8')))
  const draft = `${file}.${process.pid}.unfinished`
  await writeFile(draft, texts.join('---\n'))
  await rename(draft, file)
  return file
}

/**
 * @param {string} folder
 * @param {string[]} names
 */
async function hashOf(folder, names) {
  const hash = createHash('sha256')
  for (const name of names) hash.update(await readFile(path.join(folder, name)))
  return hash.digest('hex').slice(0, 16)
}

/**
 * Of the binary of a package.
 * @param {string} each
 */
const nameOf = each => (each.includes('etcd') ? 'etcd' : path.basename(each))

/** @param {string} file */
const exists = file =>
  access(file).then(
    () => true,
    () => false,
  )

/**
 * What the command prints on standard output.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<string>}
 */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', all: '' }
    child.stdout.setEncoding('utf8').on('data', part => {
      said.out += part
      said.all = (said.all + part).slice(-4000)
    })
    child.stderr.setEncoding('utf8').on('data', part => {
      said.all = (said.all + part).slice(-4000)
    })
    child.once('error', reject)
    child.once('close', code =>
      code === 0 ? resolve(said.out) : reject(new Error(`${command} ${args[0]} ended with ${code}:\n${said.all.trim()}`)),
    )
  })
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  console.log({ ...(await buildKubernetes()), ...(await buildControllers()) })
