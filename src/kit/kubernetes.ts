import { agentConfig } from './agent.ts'
import { gatewayConfig } from './gateway.ts'
import { AGENT_MEMORY, container, GATEWAY_MEMORY } from './kubernetes-container.ts'
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
  unhealthyPodEvictionPolicy: AlwaysAllow #! a replica that never gets ready must not hold up a drain for ever
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
  minReadySeconds: 10 #! a collector that crashes right after its start ends a rollout before the next replica
  selector:
    matchLabels:
      app: ${wish.name}
  template:
    metadata:
      labels:
        app: ${wish.name}
    spec:
      terminationGracePeriodSeconds: 120 #! time to hand over what is under way
      automountServiceAccountToken: false #! it asks the API server for nothing
      enableServiceLinks: false #! no variables named OTEL_… from the Service
      securityContext: #! what the restricted pod security standard asks for
        runAsNonRoot: true
        runAsUser: 10001 #! the image's own user
        runAsGroup: 10001
        fsGroup: 10001 #! that user may write to the volume
        fsGroupChangePolicy: OnRootMismatch #! a full volume is not gone through again at every start
        seccompProfile: { type: RuntimeDefault }
      topologySpreadConstraints: #! a node or zone that dies takes one replica, wherever there is room to spread them
${['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(key => spread(wish, key)).join('')}      containers:
${container(wish, GATEWAY_MEMORY, [
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

const spread = ({ name }: KitWish, key: string): string => `        - maxSkew: 1
          topologyKey: ${key}
          whenUnsatisfiable: ScheduleAnyway #! two replicas on one node are better than one
          labelSelector:
            matchLabels:
              app: ${name}
`

function agentManifests(wish: KitWish, config: string): string {
  const name = `${wish.name}-agent`
  return `# kubectl apply -f agent-manifests.yaml; applications send to their node: http://$(HOST_IP):4318
${configMap(wish, name, config)}---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass #! of its own: some clouds allow system-node-critical only in kube-system, and an agent must not push out the cluster's own pods
metadata:
  name: ${name}
value: 1000000 #! above applications, which have 0, and below what keeps the cluster alive
---
apiVersion: apps/v1
kind: DaemonSet #! one on every node: an application that moves finds an agent where it goes
metadata:
  name: ${name}
  namespace: ${wish.namespace}
spec:
  selector:
    matchLabels:
      app: ${name}
  minReadySeconds: 10 #! an agent that crashes right after its start ends a rollout before the next node
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
      automountServiceAccountToken: false #! it asks the API server for nothing
      enableServiceLinks: false #! no variables named OTEL_… from the Service
      priorityClassName: ${name} #! under pressure the node keeps its agent
      securityContext:
        runAsUser: 0 #! the folder on the node belongs to root, and fsGroup does nothing for hostPath; all privileges of root are dropped below
        seccompProfile: { type: RuntimeDefault }
      tolerations: #! every node, also those with taints
        - operator: Exists
      containers:
${container(wish, AGENT_MEMORY, [
  '            - { name: otlp-grpc, containerPort: 4317, hostPort: 4317 } #! applications find it at the address of their node; keep the port closed to the outside of the cluster',
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
