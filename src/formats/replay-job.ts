import type { Data } from '../source/change.ts'
import { inBlock } from '../source/render-yaml.ts'

export interface ReplayJob {
  readonly name: string
  readonly namespace: string | undefined
  readonly image: string
  readonly shards: number
  /** The PersistentVolumeClaim with the backup, which every pod mounts. */
  readonly claim: string
  readonly mountPath: string
  /** Its key `headers` is OTEL_EXPORTER_OTLP_HEADERS. */
  readonly secret: string | undefined
  /** What comes behind `failoverctl replay <folder> --shard …`. */
  readonly args: readonly string[]
}

/** The collector's images run as this user, and its file exporter lets nobody else read what it writes (contrib 0.161.0, mode 0600). */
const COLLECTOR_USER = 10001

/** `replay --emit kubernetes`: an Indexed Job whose pods each replay one shard of the backup. */
export function replayJobYaml(job: ReplayJob): string {
  const { name, namespace, shards } = job
  const labels = {
    'app.kubernetes.io/name': 'failoverctl',
    'app.kubernetes.io/component': 'replay',
    'app.kubernetes.io/instance': name,
  }
  const manifest: Data = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels },
    spec: {
      completionMode: 'Indexed',
      completions: shards,
      parallelism: shards,
      // Waits of 10 s, 20 s, 40 s, …: longer than the minute after which a lock of a lost pod is taken over.
      backoffLimitPerIndex: 5,
      maxFailedIndexes: shards,
      podFailurePolicy: {
        rules: [
          // Done with dead letters, wrong use, unreadable input: to try again changes nothing.
          { action: 'FailIndex', onExitCodes: { containerName: 'replay', operator: 'In', values: [1, 2, 3] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: { metadata: { labels }, spec: podSpec(job) },
    },
  }
  return `${notes(job)}${Object.entries(manifest)
    .flatMap(([key, data]) => inBlock(key, data, '  '))
    .join('\n')}\n`
}

const podSpec = ({ image, shards, claim, mountPath, secret, args }: ReplayJob): Data => ({
  restartPolicy: 'Never',
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 60,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: COLLECTOR_USER,
    runAsGroup: COLLECTOR_USER,
    fsGroup: COLLECTOR_USER,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containers: [
    {
      name: 'replay',
      image,
      args: ['replay', mountPath, '--shard', `$(JOB_COMPLETION_INDEX)/${shards}`, ...args.map(literally)],
      ...(secret === undefined
        ? {}
        : { env: [{ name: 'OTEL_EXPORTER_OTLP_HEADERS', valueFrom: { secretKeyRef: { name: secret, key: 'headers' } } }] }),
      resources: { requests: { cpu: '500m', memory: '256Mi' }, limits: { memory: '512Mi' } },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      volumeMounts: [{ name: 'backup', mountPath }],
    },
  ],
  volumes: [{ name: 'backup', persistentVolumeClaim: { claimName: claim } }],
})

/** Kubernetes replaces `$(NAME)` in arguments, and `$$` stands for a dollar. */
const literally = (arg: string): string => arg.replaceAll('$(', '$$$$(')

function notes({ shards, claim, secret, mountPath }: ReplayJob): string {
  const lines = [
    `Replays the backup on the volume claim ${claim} as ${shards} shards side by side. Each keeps its checkpoint on the volume,`,
    'so all pods must be able to write to it (ReadWriteMany), and its inode numbers must stay the same across mounts.',
    ...(secret === undefined
      ? []
      : [
          `The headers come from a secret: kubectl create secret generic ${secret} --from-literal=headers='authorization=Bearer …'`,
        ]),
    'When the Job is complete, run `failoverctl replay` once on the folder without --shard: it sends what is left, if anything,',
    `and moves the files to ${mountPath.replace(/\/$/, '')}/processed.`,
  ]
  return lines.map(line => `# ${line}\n`).join('')
}
