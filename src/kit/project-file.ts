import { formatDuration } from '../core/duration.ts'
import { endsInFile, type KitFile, type KitWish, remoteLevels } from './wish.ts'

/** What the commands of failoverctl need to know of the set-up, so that they need no flags. */
export const projectFile = (wish: KitWish): KitFile => ({
  path: 'failoverctl.yaml',
  text: `# What failoverctl's commands take from here instead of flags.
config: [gateway.yaml] #! what --config would name
collector-version: ${wish.version} #! what a config means differs between releases
validate:
  outage: ${formatDuration(wish.outageMs)} #! queues and backups are checked against it
  rate: ${megabytes(wish.bytesPerSecond)}MB/s
${WHERE[wish.platform](wish)}`,
})

/** As exporters of the gateway are called; one for each signal. */
const BACKUPS = ['traces', 'metrics', 'logs'].map(signal => `backup-${signal}`)

/** Where deploy and chaos find the gateway. */
const WHERE: Readonly<Record<KitWish['platform'], (wish: KitWish) => string>> = {
  file: () => '',
  compose: ({ name }) => `compose: compose.yaml #! what status, watch, deploy and chaos look at
deploy:
  to: compose/${name} #! failoverctl deploy gateway.yaml needs no flags
`,
  kubernetes: ({ name, namespace, shape }) => `deploy:
  to: statefulset/${name} #! failoverctl deploy gateway.yaml needs no flags
  namespace: ${namespace}
kubernetes: #! for chaos --target kubernetes: nothing else is touched
  namespace: ${namespace}
  collector:
    workload: statefulset/${name}
  backends: #! outside of the cluster; with cidr: 10.2.3.4/32 they can be cut off, with workload: deployment/NAME stopped
${[...remoteLevels(shape), ...(endsInFile(shape) ? BACKUPS : [])].map(level => `    ${level}: {}\n`).join('')}`,
}

/** As --rate reads them: of 1024 × 1024 bytes. */
const megabytes = (bytes: number): number => Math.max(0.01, Math.round((bytes / 1024 ** 2) * 100) / 100)
