import { type Clock, sleep } from '../../core/clock.ts'
import { FailoverctlError } from '../../core/errors.ts'
import { hashOf } from '../record.ts'
import type { Change, Wait } from '../target.ts'
import { isOf, scaled, stateOfBackup } from './change.ts'
import { edit } from './edit.ts'
import type { Live } from './live.ts'
import { type ConfigMap, canonical, essence, type Pod } from './objects.ts'
import { isPodReady, isReady, isUpToDate, restarts, stateOf } from './rollout.ts'

const POLL_MS = 1000

/** Puts config map and template back, and waits until the old revision runs. Throws `conflict` where somebody else's change stands. */
export async function restore(live: Live, change: Change, wait: Wait, clock: Clock): Promise<void> {
  const { workload } = stateOfBackup(change)
  // Both are looked at before either is touched.
  const isTheirs = live.isForeign(await live.workload(), change)
  await putMapBack(live, change)
  // Our config has proved nothing: it does not stay for the pods that somebody else's rollout starts.
  if (isTheirs) throw await besideTheirs(live, change)
  const putBack = live.edit(now => {
    live.refuseForeign(now, change)
    // An autoscaler may have changed their number.
    const spec = { ...workload.spec, ...(now.spec.replicas === undefined ? {} : { replicas: now.spec.replicas }) }
    return canonical(now.spec) === canonical(spec) ? undefined : { ...now, spec }
  })
  await putBack.catch(async error => {
    throw error instanceof FailoverctlError && error.code === 'conflict' ? await besideTheirs(live, change) : error
  })
  await clearAway(live, change)
  await awaitOld(live, change, wait, clock)
}

/** Only where nobody but us has changed it: throws `conflict` otherwise. */
async function putMapBack(live: Live, change: Change): Promise<void> {
  const { configMap, key } = stateOfBackup(change)
  const found = await live.configMap(change)
  const isNew = (await hashOf(found.data?.[key] ?? '')) === change.hash
  await edit<ConfigMap>(live.kubectl, 'configmap', configMap.metadata.name, now => {
    if (canonical(essence(now)) === canonical(essence(configMap))) return undefined
    const back = { ...now, data: { ...now.data, [key]: change.backup.config } }
    if (!isNew || now.data?.[key] !== found.data?.[key] || canonical(essence(back)) !== canonical(essence(configMap)))
      throw live.foreignMap(change, now)
    return back
  })
}

/** What is said when the workload is somebody else's now: the map is as it was, and which pods may have read our config. */
async function besideTheirs(live: Live, change: Change): Promise<FailoverctlError> {
  const { configMap, pods: before } = stateOfBackup(change)
  const { message, hint } = live.foreign(live.address.to)
  const started = (await live.pods(await live.workload())).filter(pod => !ranBefore(pod, before))
  const names = started.map(({ metadata }) => metadata.name).join(', ')
  const restart = `When that change is done: kubectl rollout restart ${live.address.to} -n ${live.address.namespace}`
  return new FailoverctlError(
    'conflict',
    `${message}; config map ${configMap.metadata.name} holds the config of before again${names ? `, but these pods were started meanwhile and may run the new one: ${names}` : ''}`,
    names ? `${restart}\n${hint}` : hint,
  )
}

/** The same pod, and not started anew. */
const ranBefore = (pod: Pod, before: readonly { uid: string; restarts: number }[]): boolean =>
  before.some(({ uid, restarts: old }) => uid === pod.metadata.uid && restarts(pod) <= old)

/** Pods that run the new config: of its template and stuck, or of the old one but started anew while the new config was there. */
async function clearAway(live: Live, change: Change): Promise<void> {
  const { pods: before } = stateOfBackup(change)
  for (const pod of await live.pods(await live.workload())) {
    const isOld = before.some(({ uid }) => uid === pod.metadata.uid)
    const hasNewConfig = isOld ? !ranBefore(pod, before) : isOf(pod, change) && !isPodReady(pod)
    if (hasNewConfig) await live.kubectl.delete('pod', pod.metadata.name, { wait: false })
  }
}

async function awaitOld(live: Live, change: Change, wait: Wait, clock: Clock): Promise<void> {
  const until = clock.now() + wait.withinMs
  const wasReady = isReady(stateOfBackup(change).workload)
  for (;;) {
    const workload = await live.workload()
    const left = (await live.pods(workload)).filter(pod => isOf(pod, change))
    if (isUpToDate(workload) && left.length === 0 && (isReady(workload) || !wasReady)) return
    // `differences` says what is still wrong.
    if (clock.now() >= until) return
    await clearAway(live, change)
    await wait.beat(`back: ${stateOf(workload)}`)
    await sleep(clock, POLL_MS, wait.signal)
  }
}

/** What is not as it was; empty when the old state runs. */
export async function differences(live: Live, change: Change): Promise<string[]> {
  const { configMap, workload } = stateOfBackup(change)
  const [now, nowMap] = [await live.workload(), await live.configMap(change)]
  const left = (await live.pods(now)).filter(pod => isOf(pod, change))
  return [
    ...(canonical(essence(nowMap)) === canonical(essence(configMap))
      ? []
      : [`config map ${configMap.metadata.name} is not as it was`]),
    ...(canonical(essence(scaled(now, workload))) === canonical(essence(workload))
      ? []
      : [`${live.address.to} is not as it was`]),
    ...left.map(({ metadata: { name } }) => `pod ${name} still runs the new config`),
    ...(isUpToDate(now) ? [] : [`the way back is still under way: ${stateOf(now)}`]),
    ...(isReady(now) || !isReady(workload) ? [] : [`not all pods are ready: ${stateOf(now)}`]),
  ]
}
