// @ts-check
// Builds the test collector and keeps it outside the tree, one folder for each state of its sources.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = path.dirname(fileURLToPath(import.meta.url))
const BINARY = process.platform === 'win32' ? 'otelcol-contrib.exe' : 'otelcol-contrib'

/** @type {Promise<string> | undefined} */
let building

/**
 * The path of the collector, built first if this state of the sources has not been built yet.
 * @returns {Promise<string>}
 */
export async function buildCollector() {
  building ??= findOrBuild().finally(() => {
    building = undefined
  })
  return building
}

/**
 * Whether there is a `go` to build with.
 * @returns {Promise<boolean>}
 */
export async function hasGo() {
  return run(['version']).then(
    ({ code }) => code === 0,
    () => false,
  )
}

async function findOrBuild() {
  const folder = path.join(os.homedir(), '.cache', 'failoverctl-test', `collector-${await hashSources()}`)
  const binary = path.join(folder, BINARY)
  if (await exists(binary)) return binary
  await mkdir(folder, { recursive: true })
  // Two processes may build at once: each has a name of its own, and the last rename wins with an equal file.
  const unfinished = path.join(folder, `${process.pid}-${Date.now()}.unfinished`)
  try {
    await compile(unfinished)
    await rename(unfinished, binary)
  } finally {
    await rm(unfinished, { force: true })
  }
  return binary
}

/** @param {string} output */
async function compile(output) {
  const { code, text } = await run(['build', '-trimpath', '-ldflags=-s -w', '-o', output, '.']).catch(error => {
    if (error.code !== 'ENOENT') throw error
    throw new Error('The test collector cannot be built: there is no `go` in PATH. Install Go (https://go.dev/dl) and try again.')
  })
  if (code === 0) return
  const complaint = text.replaceAll(/^go: downloading .*\n/gm, '').trim()
  throw new Error(`The test collector does not build: \`go build\` ended with ${code} in ${SOURCES}:\n${complaint}`)
}

/**
 * Runs go in the module's folder; what it says on both streams comes back as one text.
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function run(args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
    const child = spawn('go', args, { cwd: SOURCES, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', part => {
        text += part
      })
    }
    child.on('error', reject)
    child.on('close', code => resolve({ code, text }))
  })
}

/** Tests are left out, so that a change to one does not cost a build. The platform is in: a home folder may be shared. */
async function hashSources() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  const names = (await readdir(SOURCES, { recursive: true })).filter(isSource).sort()
  for (const name of names) {
    const bytes = await readFile(path.join(SOURCES, name))
    hash.update(`${name.replaceAll(path.sep, '/')} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex').slice(0, 16)
}

/** @param {string} name */
function isSource(name) {
  return (name.endsWith('.go') && !name.endsWith('_test.go')) || ['go.mod', 'go.sum'].includes(name)
}

/** @param {string} file */
function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  )
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    console.log(await buildCollector())
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
