import { NEWEST } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { checkConfig } from '../validate/check.ts'
import { type Ports, portsOf } from './probe.ts'

/** How a collector that runs this config can be asked; undefined for a text that is no config. */
export async function runningPorts(config: string, host: Pick<Host, 'files' | 'env'>): Promise<Ports | undefined> {
  const files = { ...host.files, read: async () => new TextEncoder().encode(config) }
  try {
    return portsOf((await checkConfig(['running.yaml'], NEWEST, { ...host, files })).graph)
  } catch (error) {
    if (error instanceof FailoverctlError && error.code !== 'bug') return undefined
    throw error
  }
}
