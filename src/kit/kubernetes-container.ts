import type { KitWish } from './wish.ts'

/** Of a container. The limit is what memory_limiter and the garbage collector go by. MiB. */
export interface Memory {
  readonly request: number
  readonly limit: number
  readonly cpu: string
}

/** A gateway may use all that it asked for: it is never the pod that is evicted first. */
export const GATEWAY_MEMORY: Memory = { request: 1024, limit: 1024, cpu: '200m' }
/** It is on every node, so that little is asked for. */
export const AGENT_MEMORY: Memory = { request: 256, limit: 512, cpu: '100m' }

/** What the collector's maintainers recommend as a share of the limit. */
const GO_SHARE = 0.8

/** The collector's container of a pod; it ends in its volume mounts, which go on. */
export const container = (
  { version }: Pick<KitWish, 'version'>,
  { request, limit, cpu }: Memory,
  ports: readonly string[],
): string => `        - name: collector
          image: otel/opentelemetry-collector-contrib:${version} #! a release, never latest: what a config means differs between releases
          args: [--config=/etc/otelcol/config.yaml]
          env:
            - { name: GOMEMLIMIT, value: ${Math.floor(limit * GO_SHARE)}MiB } #! the garbage collector works harder before the kernel ends the process
          securityContext: #! a process that is taken over can do little
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true #! it writes to its volume only
            capabilities: { drop: [ALL] } #! ports above 1024 need none
          ports:
${ports.join('\n')}
            - { name: metrics, containerPort: 8888 } #! for Prometheus, by the address of the pod; no Service offers it to senders
            - { name: health, containerPort: 13133 } #! for the probes
          resources: #! no limit of processor time: a collector that is throttled answers late, and fails over for nothing
            requests: { cpu: ${cpu}, memory: ${request}Mi }
            limits: { memory: ${limit}Mi } #! memory_limiter takes its percentages from it
          lifecycle:
            preStop:
              sleep: { seconds: 5 } #! senders hear that it goes before it stops to listen
          startupProbe: #! a queue on disk may take a while to open
            httpGet: { path: /, port: health }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe: #! patient: a restart under load makes an outage longer
            httpGet: { path: /, port: health }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe: #! out of the Service while it does not answer
            httpGet: { path: /, port: health }
            periodSeconds: 5
            timeoutSeconds: 3
          volumeMounts:
            - name: config
              mountPath: /etc/otelcol
              readOnly: true
`
