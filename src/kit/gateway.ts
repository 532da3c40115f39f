import { sizesFor } from './sizes.ts'
import { endsInFile, type KitWish, remoteLevels } from './wish.ts'

const SIGNALS = ['traces', 'metrics', 'logs'] as const

/** The config of the collector that fails over. */
export function gatewayConfig(wish: KitWish): string {
  return `# The gateway of ${wish.name}: ${levelNames(wish).join(', then ')}. Check it with: failoverctl validate
extensions: #! what runs beside the pipelines; each is switched on under service below
  health_check:
    endpoint: 0.0.0.0:13133 #! probes and load balancers ask here whether the collector is up
${endsInFile(wish.shape) ? '' : storage()}
receivers: #! what comes in
  otlp: #! what applications and agents speak
    protocols:
      grpc:
        endpoint: 0.0.0.0:4317 #! all interfaces: the senders are on other machines
      http:
        endpoint: 0.0.0.0:4318 #! for senders without gRPC, and for failoverctl's own traffic

processors: #! what data passes on its way
  memory_limiter: #! refuses data before the collector is killed for want of memory; senders try again
    check_interval: 1s
    limit_percentage: 75
    spike_limit_percentage: 20 #! refusing begins at 55 %, while there is still room for what is under way

exporters: #! one for each place that data can go to
${remoteLevels(wish.shape)
  .map((name, index) => remote(wish, name, index))
  .join('')}${endsInFile(wish.shape) ? backups(wish) : ''}
connectors: #! one for each signal: a connector carries one
${SIGNALS.map(signal => connector(wish, signal)).join('')}
service: #! what of the above is switched on, and how it is joined
  extensions: [health_check${endsInFile(wish.shape) ? '' : ', file_storage/queue'}]
  telemetry:
    metrics:
      readers: #! the level, queues and losses: alerts.yaml and failoverctl watch read them
        - pull:
            exporter:
              prometheus:
                host: 0.0.0.0
                port: 8888
  pipelines: #! one comes in for each signal; those after it are the levels
${SIGNALS.map(signal => pipelines(wish, signal)).join('')}`
}

/** The names of the levels, highest first. */
export const levelNames = ({ shape }: Pick<KitWish, 'shape'>): string[] => [
  ...remoteLevels(shape),
  ...(endsInFile(shape) ? ['backup'] : []),
]

const storage = (): string => `  file_storage/queue: #! where the last level keeps what it cannot deliver
    directory: /var/lib/otelcol/queue #! on a volume that outlives the process
    create_directory: true
    fsync: true #! what was acknowledged survives a power cut, not only a crash
`

function remote(wish: KitWish, name: string, index: number): string {
  const isLast = levelNames(wish).at(-1) === name
  return `  otlp_http/${name}: #! HTTP: unlike gRPC it has no reconnect backoff that delays the recovery
    endpoint: ${wish.endpoints[index]}
    timeout: 2s #! when the backend hangs, this is the failover time
${isLast ? patient(wish) : impatient()}`
}

const impatient = (): string => `    sending_queue:
      enabled: false #! with a queue the exporter says yes before anything is delivered, and nothing ever fails over
    retry_on_failure:
      enabled: false #! the connector tries the next level instead; retries here would delay that
`

const patient = (
  wish: KitWish,
): string => `    sending_queue: #! below the last level there is nothing to fail over to: here data waits
      enabled: true
      storage: file_storage/queue #! on disk, so that a crash loses nothing
      queue_size: ${sizesFor(wish).queuedRequests} #! requests; enough for the outage that you gave
      num_consumers: 4 #! a backlog must not overwhelm a backend that is just back
    retry_on_failure:
      max_elapsed_time: 0s #! never give up: the queue is the only copy
`

function backups(wish: KitWish): string {
  const { rotatedMegabytes, backups } = sizesFor(wish)
  return SIGNALS.map(
    signal => `  file/backup-${signal}: #! one file a signal, so that failoverctl replay can send each where it belongs
    path: /var/lib/otelcol/backup/${signal}.jsonl #! absolute, on a volume that outlives the process
    create_directory: true
    rotation: #! also keeps the file from being emptied when the collector starts
      max_megabytes: ${rotatedMegabytes}
      max_backups: ${backups} #! ${backups + 1} files of ${rotatedMegabytes} MB: enough for the outage that you gave
`,
  ).join('')
}

const connector = (wish: KitWish, signal: string): string => `  failover/${signal}:
    priority_levels: #! pipelines, not exporters; the first that takes a batch has it
${levelNames(wish)
  .map(name => `      - [${signal}/${name}]\n`)
  .join(
    '',
  )}    retry_interval: 10s #! how long a backend that is back waits for its first data; also how long one bad batch diverts the rest
    sending_queue:
      enabled: false #! senders hear from the level that took the data, not from a queue in memory
`

function pipelines(wish: KitWish, signal: string): string {
  const exporterOf = (name: string) => (name === 'backup' ? `file/backup-${signal}` : `otlp_http/${name}`)
  return `    ${signal}:
      receivers: [otlp]
      processors: [memory_limiter] #! first, and no batch processor: it would say yes before anything is delivered
      exporters: [failover/${signal}]
${levelNames(wish)
  .map(
    name => `    ${signal}/${name}: #! a level of the connector
      receivers: [failover/${signal}]
      exporters: [${exporterOf(name)}]
`,
  )
  .join('')}`
}
