import { formatDuration } from '../core/duration.ts'
import type { KitFile, KitWish } from './wish.ts'

/** What the commands of failoverctl need to know of the set-up, so that they need no flags. */
export const projectFile = (wish: KitWish): KitFile => ({
  path: 'failoverctl.yaml',
  text: `# What failoverctl's commands take from here instead of flags.
config: [gateway.yaml] #! what --config would name
collector-version: ${wish.version} #! what a config means differs between releases
validate:
  outage: ${formatDuration(wish.outageMs)} #! queues and backups are checked against it
  rate: ${megabytes(wish.bytesPerSecond)}MB/s
`,
})

/** As --rate reads them: of 1024 × 1024 bytes. */
const megabytes = (bytes: number): number => Math.max(0.01, Math.round((bytes / 1024 ** 2) * 100) / 100)
