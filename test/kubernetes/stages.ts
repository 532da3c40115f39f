/** Which pods fail, by what their template's annotations say: `{ 'failoverctl.test/ready': 'never' }` is enough for most tests. */
export interface Unready {
  /** Of an annotation of the pod, the values with which it runs and never gets ready. */
  readonly never?: Readonly<Record<string, readonly string[]>>
  /** Those with which it is ready, and then ends again and again, so many milliseconds later. */
  readonly crash?: Readonly<Record<string, readonly string[]>>
  readonly crashAfterMs?: number
}

/** An annotation that every cluster knows: pods that have `never` do not get ready. */
export const READY = 'failoverctl.test/ready'

export const nodeNamed = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
    labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' },
  },
})

/** The stages of kwok's module, so changed that some pods do not get ready, and with the ports that lead somewhere. */
export function stagesOfPods(
  stages: string,
  { unready = {}, forwards = {} }: { unready?: Unready | undefined; forwards?: Readonly<Record<number, number>> | undefined },
): string {
  const never: Record<string, readonly string[]> = { [READY]: ['never'], ...unready.never }
  const exceptions = Object.entries(never).map(([name, values]) => condition(annotation(name), 'NotIn', values))
  const pods = stages.split('---\n').map(stage => {
    if (!/name: pod-ready\n/.test(stage)) return stage
    return stage.replace('matchExpressions:\n', `matchExpressions:\n${exceptions.join('')}`)
  })
  const crash = Object.entries(unready.crash ?? {})
  return [
    ...pods,
    ...Object.entries(never).map(([name, values], nth) => runsUnready(`pod-never-ready-${nth}`, name, values)),
    ...crash.map(([name, values], nth) => crashes(`pod-crash-${nth}`, name, values, unready.crashAfterMs ?? 1000)),
    ...Object.entries(forwards).map(([port, to]) => forward(Number(port), to)),
  ].join('---\n')
}

const annotation = (name: string) => `.metadata.annotations["${name}"]`

const condition = (key: string, operator: string, values: readonly string[] = []) =>
  `    - key: '${key}'\n      operator: '${operator}'\n${values.length > 0 ? `      values:\n${values.map(value => `      - '${value}'\n`).join('')}` : ''}`

const stage = (name: string, expressions: readonly string[], rest: string) => `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: ${name}
spec:
  resourceRef:
    apiGroup: v1
    kind: Pod
  selector:
    matchExpressions:
${condition('.metadata.deletionTimestamp', 'DoesNotExist')}${expressions.join('')}${rest}`

const runsUnready = (name: string, key: string, values: readonly string[]) =>
  stage(
    name,
    [condition('.status.phase', 'In', ['Pending']), condition(annotation(key), 'In', values)],
    `  next:
    statusTemplate: |
${status('False', 'running: { startedAt: {{ $now | Quote }} }', 0)}`,
  )

const crashes = (name: string, key: string, values: readonly string[], afterMs: number) =>
  stage(
    name,
    [
      condition('.status.phase', 'In', ['Running']),
      condition('.status.conditions.[] | select( .type == "Ready" ) | .status', 'In', ['True']),
      condition(annotation(key), 'In', values),
    ],
    `  delay:
    durationMilliseconds: ${afterMs}
  next:
    statusTemplate: |
${status('False', 'waiting: { reason: CrashLoopBackOff, message: "back-off restarting failed container" }', 1)}`,
  )

const status = (ready: string, state: string, restarts: number) => `      {{ $now := Now }}
      conditions:
      - { lastTransitionTime: {{ $now | Quote }}, status: "True", type: Initialized }
      - { lastTransitionTime: {{ $now | Quote }}, status: "${ready}", type: Ready }
      - { lastTransitionTime: {{ $now | Quote }}, status: "${ready}", type: ContainersReady }
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        name: {{ .name | Quote }}
        ready: ${ready === 'True'}
        restartCount: ${restarts}
        state:
          ${state}
      {{ end }}
      phase: Running
      startTime: {{ $now | Quote }}
`

const forward = (port: number, to: number) => `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterPortForward
metadata:
  name: port-${port}
spec:
  forwards:
  - ports: [${port}]
    target: { address: 127.0.0.1, port: ${to} }
`
