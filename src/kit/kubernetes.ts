import { agentConfig } from './agent.ts'
import { gatewayConfig } from './gateway.ts'
import { sizesFor } from './sizes.ts'
import { hasAgents, type KitFile, type KitWish } from './wish.ts'

/** Manifests: the gateway with a volume for each replica, and an agent on every node where the shape has agents. */
export function kubernetesFiles(wish: KitWish): KitFile[] {
  const gateway = { path: 'gateway.yaml', text: gatewayConfig(wish) }
  const agent = { path: 'agent.yaml', text: agentConfig(wish, `http://${wish.name}.${wish.namespace}.svc.cluster.local:4318`) }
  const withAgents = hasAgents(wish.shape)
  return [
    { path: 'gateway-manifests.yaml', text: gatewayManifests(wish, gateway.text) },
    gateway,
    ...(withAgents ? [{ path: 'agent-manifests.yaml', text: agentManifests(wish, agent.text) }, agent] : []),
  ]
}

const gatewayManifests = (
  wish: KitWish,
  config: string,
): string => `# kubectl apply -f gateway-manifests.yaml; later changes of the config: failoverctl deploy gateway.yaml
apiVersion: v1
kind: Namespace #! made here, so that one command sets up all of it
metadata:
  name: ${wish.namespace}
---
${configMap(wish, wish.name, config)}---
apiVersion: v1
kind: Service #! one address for all replicas
metadata:
  name: ${wish.name}
  namespace: ${wish.namespace}
spec:
  selector:
    app: ${wish.name}
  ports:
    - { name: otlp-grpc, port: 4317 }
    - { name: otlp-http, port: 4318 }
---
apiVersion: v1
kind: Service
metadata:
  name: ${wish.name}-pods #! a StatefulSet wants a headless service for the names of its pods
  namespace: ${wish.namespace}
spec:
  clusterIP: None
  selector:
    app: ${wish.name}
  ports:
    - { name: metrics, port: 8888 }
---
apiVersion: policy/v1
kind: PodDisruptionBudget #! drains of nodes take one replica at a time
metadata:
  name: ${wish.name}
  namespace: ${wish.namespace}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: ${wish.name}
---
apiVersion: apps/v1
kind: StatefulSet #! not a Deployment: each replica finds its own volume again
metadata:
  name: ${wish.name}
  namespace: ${wish.namespace}
spec:
  serviceName: ${wish.name}-pods
  replicas: ${wish.replicas}
  podManagementPolicy: Parallel #! one replica that does not start must not keep the others from it
  selector:
    matchLabels:
      app: ${wish.name}
  template:
    metadata:
      labels:
        app: ${wish.name}
    spec:
      terminationGracePeriodSeconds: 120 #! time to hand over what is under way
      securityContext:
        fsGroup: 10001 #! the image's user may write to the volume
      topologySpreadConstraints: #! one node that dies takes one replica
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app: ${wish.name}
      containers:
${container(wish, [
  '            - { name: otlp-grpc, containerPort: 4317 }',
  '            - { name: otlp-http, containerPort: 4318 }',
])}            - name: data
              mountPath: /var/lib/otelcol
      volumes:
        - name: config
          configMap:
            name: ${wish.name}
  volumeClaimTemplates: #! a volume for each replica, which outlives its pods
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: ${sizesFor(wish).volumeGibibytes}Gi #! the outage that you gave, at the rate that you gave
`

function agentManifests(wish: KitWish, config: string): string {
  const name = `${wish.name}-agent`
  return `# kubectl apply -f agent-manifests.yaml; applications send to their node: http://$(HOST_IP):4318
${configMap(wish, name, config)}---
apiVersion: apps/v1
kind: DaemonSet #! one on every node: an application that moves finds an agent where it goes
metadata:
  name: ${name}
  namespace: ${wish.namespace}
spec:
  selector:
    matchLabels:
      app: ${name}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 1 #! with hostPort the old pod has to go before the new one can start: one node at a time
      maxSurge: 0
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      terminationGracePeriodSeconds: 60
      priorityClassName: system-node-critical #! under pressure the node keeps its agent
      tolerations: #! every node, also those with taints
        - operator: Exists
      containers:
${container(wish, [
  '            - { name: otlp-grpc, containerPort: 4317, hostPort: 4317 } #! applications find it at the address of their node',
  '            - { name: otlp-http, containerPort: 4318, hostPort: 4318 }',
])}            - name: data
              mountPath: /var/lib/otelcol
      volumes:
        - name: config
          configMap:
            name: ${name}
        - name: data #! the node's disk: the queue outlives the pod
          hostPath:
            path: /var/lib/${name}
            type: DirectoryOrCreate
`
}

const configMap = ({ namespace }: KitWish, name: string, config: string): string => `apiVersion: v1
kind: ConfigMap #! the config; failoverctl deploy changes it, and goes back when something is wrong
metadata:
  name: ${name}
  namespace: ${namespace}
data:
  config.yaml: |
${config
  .trimEnd()
  .split('\n')
  .map(line => (line === '' ? '' : `    ${line}`))
  .join('\n')}
`

/** Up to the volume mounts, which go on. */
const container = ({ version }: Pick<KitWish, 'version'>, ports: readonly string[]): string => `        - name: collector
          image: otel/opentelemetry-collector-contrib:${version} #! a release, never latest: what a config means differs between releases
          args: [--config=/etc/otelcol/config.yaml]
          ports:
${ports.join('\n')}
            - { name: metrics, containerPort: 8888 }
            - { name: health, containerPort: 13133 }
          resources:
            requests: { cpu: 200m, memory: 512Mi }
            limits: { memory: 1Gi } #! memory_limiter takes its percentages from it
          startupProbe: #! a queue on disk may take a while to open
            httpGet: { path: /, port: health }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /, port: health }
            periodSeconds: 10
          readinessProbe:
            httpGet: { path: /, port: health }
            periodSeconds: 5
          volumeMounts:
            - name: config
              mountPath: /etc/otelcol
`
