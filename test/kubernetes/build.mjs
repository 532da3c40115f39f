// @ts-check
// Brings a real Kubernetes API server and its etcd into the cache: the one built from its Go module, the other from Debian's package.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = path.dirname(fileURLToPath(import.meta.url))
const CACHE = path.join(os.homedir(), '.cache', 'failoverctl-test')

/**
 * Paths of both binaries, made first where they are missing: a few minutes, once.
 * @returns {Promise<{ apiServer: string, etcd: string }>}
 */
export async function buildKubernetes() {
  const etcd = await findEtcd()
  return { etcd, apiServer: await buildApiServer() }
}

async function buildApiServer() {
  const folder = path.join(CACHE, `kubernetes-${await hashOf(['go.mod', 'go.sum'])}`)
  const binary = path.join(folder, 'kube-apiserver')
  if (await exists(binary)) return binary
  await mkdir(folder, { recursive: true })
  const draft = path.join(folder, `${process.pid}.unfinished`)
  try {
    await run(
      'go',
      ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', draft, 'k8s.io/kubernetes/cmd/kube-apiserver'],
      SOURCES,
    )
    await rename(draft, binary)
  } finally {
    await rm(draft, { force: true })
  }
  return binary
}

/** The one in PATH, or Debian's, unpacked and not installed. */
async function findEtcd() {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const found = path.join(folder, 'etcd')
    if (await exists(found)) return found
  }
  const folder = path.join(CACHE, 'etcd')
  const binary = path.join(folder, 'usr', 'bin', 'etcd')
  if (await exists(binary)) return binary
  await mkdir(CACHE, { recursive: true })
  const draft = await mkdtemp(path.join(CACHE, 'etcd-'))
  try {
    await run('apt-get', ['download', 'etcd-server'], draft).catch(async () => {
      // A fresh machine has no list of packages yet.
      await run('apt-get', ['update'], draft)
      await run('apt-get', ['download', 'etcd-server'], draft)
    })
    const [archive] = (await readdir(draft)).filter(name => name.endsWith('.deb'))
    if (!archive) throw new Error('apt-get download etcd-server brought no package')
    await run('dpkg-deb', ['-x', archive, 'unpacked'], draft)
    await rm(folder, { recursive: true, force: true })
    await rename(path.join(draft, 'unpacked'), folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return binary
}

/** @param {string[]} names */
async function hashOf(names) {
  const hash = createHash('sha256')
  for (const name of names) hash.update(await readFile(path.join(SOURCES, name)))
  return hash.digest('hex').slice(0, 16)
}

/** @param {string} file */
const exists = file =>
  access(file).then(
    () => true,
    () => false,
  )

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', part => {
        text = (text + part).slice(-4000)
      })
    }
    child.once('error', reject)
    child.once('close', code =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args[0]} ended with ${code}:\n${text.trim()}`)),
    )
  })
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) console.log(await buildKubernetes())
