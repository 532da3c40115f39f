import { Option } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { WORKLOADS, type WorkloadKind } from '../deploy/kubernetes/objects.ts'
import { parseRecord, type TargetAddress } from '../deploy/record.ts'
import { FOLDER, readText } from '../deploy/store.ts'
import type { DeployTarget } from '../deploy/target.ts'
import { countFlag } from './values.ts'

export interface TargetOptions {
  readonly to: string | undefined
  readonly namespace: string | undefined
  readonly context: string | undefined
  readonly kubeconfig: string | undefined
  readonly configmap: string | undefined
  readonly key: string | undefined
  readonly composeProject: string | undefined
  readonly engine: string | undefined
  readonly pid: number | undefined
  readonly pidFile: string | undefined
  readonly unit: string | undefined
}

const KINDS = `${WORKLOADS.join('/NAME, ')}/NAME, opentelemetrycollector/NAME, compose/SERVICE, container/NAME, file:PATH`

/** Flags that say where the collectors run; each call makes new ones. */
export const targetOptions = (): Option[] => [
  new Option('--to <target>', `what runs the collectors: ${KINDS}`),
  new Option('-n, --namespace <name>', 'Kubernetes: where it is (default: that of the context)'),
  new Option('--context <name>', 'Kubernetes: of the kubeconfig'),
  new Option('--kubeconfig <file>', 'Kubernetes: instead of $KUBECONFIG or ~/.kube/config'),
  new Option('--configmap <name>', 'Kubernetes: where the config is (default: what --config of the container points to)'),
  new Option('--key <name>', 'Kubernetes: which key of the config map (default: the same)'),
  new Option('--compose-project <name>', 'Compose: which, where several have this service'),
  new Option('--engine <program>', 'Compose and containers: docker or podman (default: docker)'),
  new Option('--pid <number>', 'file: the collector that is asked by SIGHUP to read its config anew').argParser(countFlag(1)),
  new Option('--pid-file <file>', 'file: where that number is'),
  new Option('--unit <name>', 'file: the systemd unit that runs it, instead of a number'),
]

export async function openTarget(options: TargetOptions, host: Host): Promise<DeployTarget> {
  const { to } = options
  if (to === undefined)
    throw new FailoverctlError('wrong-use', 'no target is named', `Say what runs the collectors: --to ${KINDS}`)
  if (to.startsWith('file:')) {
    const { FileTarget } = await import('../deploy/targets/file.ts')
    return new FileTarget(to.slice('file:'.length), options, host)
  }
  const [, kind = '', name = ''] = /^([a-z]+)\/(.+)$/.exec(to) ?? []
  if (WORKLOADS.includes(kind as WorkloadKind)) {
    const { KubernetesTarget } = await import('../deploy/targets/kubernetes.ts')
    return KubernetesTarget.open(kind as WorkloadKind, name, { ...options, configMap: options.configmap }, host)
  }
  if (kind === 'opentelemetrycollector') {
    const { OperatorTarget } = await import('../deploy/targets/operator.ts')
    return OperatorTarget.open(name, options, host)
  }
  if (kind === 'compose' || kind === 'container') {
    const { ContainerTarget } = await import('../deploy/targets/container.ts')
    return ContainerTarget.open(kind, name, options, host)
  }
  throw new FailoverctlError('wrong-use', `--to ${to}: no such kind of target`, `Expected one of ${KINDS}.`)
}

/** Flags again from what a record keeps. */
export const optionsOf = (address: TargetAddress): TargetOptions => ({
  to: address.to,
  namespace: address.namespace,
  context: address.context,
  kubeconfig: address.kubeconfig,
  configmap: address.configMap,
  key: address.key,
  composeProject: address.composeProject,
  engine: address.engine,
  pid: address.pid === undefined ? undefined : Number(address.pid),
  pidFile: address.pidFile,
  unit: address.unit,
})

/** Where this disk says that something was begun and not ended. */
export async function unfinishedHere(host: Host): Promise<TargetAddress[]> {
  const entries = await host.disk.list(FOLDER).catch(() => [])
  const found: TargetAddress[] = []
  for (const { path } of entries.filter(entry => entry.path.endsWith('.json'))) {
    const attempt = parseRecord((await readText(path, host)) ?? '')?.attempt
    if (attempt) found.push(attempt.address)
  }
  return found
}
