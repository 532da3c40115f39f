import type { Kind, Rule, Severity } from './rule.ts'

/** All about a kind of finding that can be told without a config. Every rule is one. */
export type Topic = Pick<Rule, 'id' | 'severity' | 'kind' | 'title' | 'why' | 'bad' | 'good'>

const remark = (id: string, severity: Severity, kind: Kind, text: Pick<Topic, 'title' | 'why' | 'bad' | 'good'>): Topic => ({
  id,
  severity,
  kind,
  ...text,
})

/** Findings that no rule makes: those of the reader, of the schema, and about the suppressions themselves. */
export const REMARKS: readonly Topic[] = [
  remark('schema', 'error', 'refused', {
    title: 'Every setting is one that its component knows, with a value of the right kind',
    why: `A collector does not start when a known component has a setting that it does not know, or a value of another type
(confmap v1.67.0: unknown keys are errors). Components of a type that failoverctl does not know are let through.`,
    bad: [
      `
exporters:
  otlp_grpc/primary:
    endpoint: primary:4317
    «retry_on_failures»: { enabled: false }
`,
    ],
    good: [
      `
exporters:
  otlp_grpc/primary:
    endpoint: primary:4317
    retry_on_failure: { enabled: false }
`,
    ],
  }),
  remark('unset-variable', 'info', 'advice', {
    title: 'Every environment variable that the config names is set',
    why: `A collector takes an unset variable for nothing at all (confmap v1.67.0, provider/envprovider). On the machine that runs validate it may be
unset although the collector's own has it, so this is a remark. A default after \`:-\` makes the config whole by itself.`,
    bad: [
      `
exporters:
  otlp_grpc/primary: { endpoint: "«\${env:PRIMARY}»" }
`,
    ],
    good: [
      `
exporters:
  otlp_grpc/primary: { endpoint: "\${env:PRIMARY:-primary:4317}" }
`,
    ],
  }),
  remark('bad-reference', 'error', 'refused', {
    title: 'Every ${…} can be read',
    why: 'A collector does not start when a reference has a scheme that it does not know, or names a file that is not there (confmap v1.67.0).',
    bad: [
      `
exporters:
  otlp_grpc/primary: { endpoint: "«\${vault:primary}»" }
`,
    ],
    good: [
      `
exporters:
  otlp_grpc/primary: { endpoint: "\${env:PRIMARY:-primary:4317}" }
`,
    ],
  }),
  remark('queue-volume-not-kept', 'warning', 'loss', {
    title: 'A persistent queue is on a volume that outlives its pod',
    why: `In Kubernetes the file system of a container is gone when the container is replaced, and an \`emptyDir\` when its pod is
(kubernetes.io, Volumes): a queue on disk is then no safer than one in memory. Looked for where the file that holds the config has one workload.`,
    bad: [
      `
kind: OpenTelemetryCollector
spec:
  mode: statefulset
  volumeMounts: [{ name: queue, mountPath: /queue }]
  volumes: [{ name: queue, «emptyDir»: {} }]
  config:
    extensions: { file_storage: { directory: /queue } }
    exporters: { otlp_grpc: { endpoint: "backend:4317", sending_queue: { storage: file_storage } } }
    receivers: { otlp: { protocols: { grpc: } } }
    service:
      extensions: [file_storage]
      pipelines: { traces: { receivers: [otlp], exporters: [otlp_grpc] } }
`,
    ],
    good: [
      `
kind: OpenTelemetryCollector
spec:
  mode: statefulset
  volumeMounts: [{ name: queue, mountPath: /queue }]
  volumeClaimTemplates: [{ metadata: { name: queue } }]
  config:
    extensions: { file_storage: { directory: /queue } }
    exporters: { otlp_grpc: { endpoint: "backend:4317", sending_queue: { storage: file_storage } } }
    receivers: { otlp: { protocols: { grpc: } } }
    service:
      extensions: [file_storage]
      pipelines: { traces: { receivers: [otlp], exporters: [otlp_grpc] } }
`,
    ],
  }),
  remark('host-port-update', 'warning', 'advice', {
    title: 'Collectors that hold a port of their node can be updated',
    why: `A port of a node has one holder, so the old pod has to go before the new one comes. A Deployment may wait for ever for a free node; a DaemonSet
goes from node to node, one at a time unless \`maxUnavailable\` says more, and nobody listens meanwhile (kubernetes.io, Deployments and DaemonSets).`,
    bad: [
      `
kind: DaemonSet
spec:
  template:
    spec:
      containers: [{ name: collector, ports: [{ containerPort: 4317, «hostPort»: 4317 }] }]
---
kind: ConfigMap
data:
  config.yaml: |
    receivers: { otlp: { protocols: { grpc: } } }
    exporters: { debug: }
    service: { pipelines: { traces: { receivers: [otlp], exporters: [debug] } } }
`,
    ],
    good: [
      `
kind: DaemonSet
spec:
  updateStrategy: { rollingUpdate: { maxUnavailable: 20% } }
  template:
    spec:
      containers: [{ name: collector, ports: [{ containerPort: 4317, hostPort: 4317 }] }]
---
kind: ConfigMap
data:
  config.yaml: |
    receivers: { otlp: { protocols: { grpc: } } }
    exporters: { debug: }
    service: { pipelines: { traces: { receivers: [otlp], exporters: [debug] } } }
`,
    ],
  }),
  remark('several-documents', 'warning', 'advice', {
    title: 'A config file has one YAML document',
    why: 'A collector reads the first document of a file and ignores what follows a line `---` without a word (go.yaml.in/yaml/v3 v3.0.5, Unmarshal).',
    bad: [
      `
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
«---»
service:
  telemetry: { logs: { level: debug } }
`,
    ],
    good: [
      `
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
  telemetry: { logs: { level: debug } }
`,
    ],
  }),
  remark('bad-suppression', 'warning', 'advice', {
    title: 'A suppression names rules that exist, and says why',
    why: `A comment that switches a finding off is for the next person: without a reason after \`--\` it does nothing. What a collector refuses to start with
cannot be switched off.`,
    bad: [
      `
exporters:
  # «failoverctl-disable-next-line queue-hides-errors»
  otlp_grpc/primary: { endpoint: "primary:4317" }
  # failoverctl-disable-next-line «queue-hides-error» -- a gateway behind it has the failover
  otlp_grpc/second: { endpoint: "second:4317" }
`,
    ],
    good: [
      `
exporters:
  # failoverctl-disable-next-line queue-hides-errors -- a gateway behind it has the failover
  otlp_grpc/primary: { endpoint: "primary:4317" }
`,
    ],
  }),
  remark('unused-suppression', 'info', 'advice', {
    title: 'A suppression suppresses something',
    why: 'A comment that switches off a finding which is gone would hide the next one that comes to its line.',
    bad: [
      `
exporters:
  # failoverctl-disable-next-line «queue-hides-errors» -- a gateway behind it has the failover
  otlp_grpc/primary: { endpoint: "primary:4317", sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
`,
    ],
    good: [
      `
exporters:
  otlp_grpc/primary: { endpoint: "primary:4317", sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
`,
    ],
  }),
  remark('folder-must-exist', 'info', 'advice', {
    title: 'The folders that a config names are there when the collector starts',
    why: `The file exporter and file_storage do not start without their folder (contrib 0.161.0, unless \`create_directory\` is on). The machine that
runs validate is often another one, so this is a remark; with \`--on-host\` the folder is looked for, and one that is missing is an error.`,
    bad: [
      `
exporters:
  file/backup: { «path: /srv/otel/backup.jsonl» }
`,
    ],
    good: [
      `
exporters:
  file/backup: { path: /srv/otel/backup.jsonl, create_directory: true }
`,
    ],
  }),
  remark('port-taken', 'error', 'refused', {
    title: 'The ports that the collector listens on are free',
    why: 'A collector does not start when another process listens on one of its ports. Only `--on-host` looks: the machine that runs validate has to be the one that the collector runs on.',
    bad: [
      `
receivers:
  otlp: { protocols: { grpc: { endpoint: "«0.0.0.0:4317»" } } } # and a collector runs already
`,
    ],
    good: [
      `
receivers:
  otlp: { protocols: { grpc: { endpoint: "0.0.0.0:14317" } } }
`,
    ],
  }),
  remark('upgrade', 'warning', 'advice', {
    title: 'A config means the same in the next release',
    why: 'What changes between two collector releases without a setting that is removed: defaults and behaviour. `--upgrade 0.125..0.163` looks for it; what a release on the way refuses to start with is an error.',
    bad: [
      `
receivers:
  otlp: { protocols: { «grpc»: } }
`,
    ],
    good: [
      `
receivers:
  otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } }
`,
    ],
  }),
]
