// @ts-check
// The field's own generator of telemetry, installed once from the Go module proxy and kept outside the tree.
import { execFile } from 'node:child_process'
import { access, mkdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const VERSION = 'v0.161.0'
const PACKAGE = 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen'

/**
 * The path of the binary. It needs Go, as the test collector does.
 * @returns {Promise<string>}
 */
export async function buildTelemetrygen() {
  const folder = path.join(os.homedir(), '.cache', 'failoverctl-test', `telemetrygen-${VERSION}`)
  const binary = path.join(folder, process.platform === 'win32' ? 'telemetrygen.exe' : 'telemetrygen')
  const isThere = await access(binary).then(
    () => true,
    () => false,
  )
  if (isThere) return binary
  await mkdir(folder, { recursive: true })
  await promisify(execFile)('go', ['install', `${PACKAGE}@${VERSION}`], { env: { ...process.env, GOBIN: folder } })
  return binary
}
