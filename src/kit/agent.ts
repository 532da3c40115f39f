import { sizesFor } from './sizes.ts'
import type { KitWish } from './wish.ts'

/** The config of the collector on every node: it keeps data while no gateway answers. */
export function agentConfig(wish: KitWish, gateway: string): string {
  return `# The agent of ${wish.name}: on every node, between applications and the gateway. Check it with: failoverctl validate
extensions: #! what runs beside the pipelines; each is switched on under service below
  health_check:
    endpoint: 0.0.0.0:13133 #! the probes of the pod ask here
  file_storage/queue: #! where data waits while no gateway answers
    directory: /var/lib/otelcol/queue #! on the node's disk: it outlives the pod
    create_directory: true
    fsync: true #! what was acknowledged survives a power cut, not only a crash

receivers: #! what comes in
  otlp: #! applications send to their own node
    protocols:
      grpc:
        endpoint: 0.0.0.0:4317
      http:
        endpoint: 0.0.0.0:4318

processors: #! what data passes on its way
  memory_limiter: #! refuses data before the agent is killed for want of memory; applications try again
    check_interval: 1s
    limit_percentage: 75
    spike_limit_percentage: 20

exporters: #! the gateway, and nothing else
  otlp_http/gateway: #! HTTP: unlike gRPC it has no reconnect backoff that delays the recovery
    endpoint: ${gateway}
    timeout: 10s #! longer than the gateway needs to try all of its levels, or the agent would give up first
    sending_queue: #! the agent has one place to send to: what cannot go there waits
      enabled: true
      storage: file_storage/queue #! on disk, so that a restart of the agent loses nothing
      queue_size: ${sizesFor(wish).queuedRequests} #! requests; enough for the outage that you gave
      num_consumers: 4 #! a backlog must not overwhelm a gateway that is just back
    retry_on_failure:
      max_elapsed_time: 0s #! never give up: the queue is the only copy

service: #! what of the above is switched on, and how it is joined
  extensions: [health_check, file_storage/queue]
  telemetry:
    metrics:
      readers: #! failoverctl watch and Prometheus read the queue here
        - pull:
            exporter:
              prometheus:
                host: 0.0.0.0
                port: 8888
  # failoverctl-disable-next-line no-failover-connector -- an agent has one place to send to, and a queue on disk
  pipelines: #! one for each signal
${['traces', 'metrics', 'logs']
  .map(
    signal => `    ${signal}:
      receivers: [otlp]
      processors: [memory_limiter]
      exporters: [otlp_http/gateway]
`,
  )
  .join('')}`
}
