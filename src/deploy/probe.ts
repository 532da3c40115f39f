import type { Failover, Graph } from '../collector/graph.ts'
import { listeningIn } from '../collector/listening.ts'
import { asText } from '../collector/settings.ts'
import { sleep } from '../core/clock.ts'
import type { Host, HttpReply } from '../core/host.ts'
import { formatBytes } from '../core/sizes.ts'
import { type Figures, readFigures } from '../metrics/figures.ts'
import { levelIn } from '../metrics/level.ts'
import { lookup } from '../source/value.ts'
import type { Change, DeployTarget, Member, Reached } from './target.ts'

/** What a config says about how its collector can be asked. */
export interface Ports {
  readonly health: { readonly port: number; readonly path: string } | undefined
  readonly metrics: number | undefined
  readonly failovers: readonly Failover[]
}

/** Nothing of it is to be asked. */
export const NO_PORTS: Ports = { health: undefined, metrics: undefined, failovers: [] }

export interface ProbeResult {
  /** Why it is not well; undefined when it is. */
  readonly wrong: string | undefined
  /** The part of it that is about health_check. */
  readonly ill: string | undefined
  /** Deepest level by connector, over all members that said one. */
  readonly levels: ReadonlyMap<string, number>
  readonly remarks: readonly string[]
}

/** Of a large fleet the rollout itself has seen every pod ready; a few are asked more. */
const MOST_MEMBERS = 3
const BETWEEN_MS = 2000
const STARTS_WITHIN_MS = 10_000
const ANSWER_MS = 5000
/** A collector with thousands of exporters stays far below it. */
const MOST_BYTES = 50_000_000

export function portsOf(graph: Graph): Ports {
  const listening = listeningIn(graph)
  const extension = graph.extensions.find(({ id }) => /^health_check(\/|$)/.test(id))
  const health = extension && listening.find(({ who }) => who === `\`${extension.id}\``)
  const path = asText(lookup(graph.components.extensions.get(extension?.id ?? '')?.settings, 'path')) ?? '/'
  return {
    health: health && { port: health.port, path },
    metrics: graph.telemetry.metrics?.port,
    failovers: graph.failovers,
  }
}

/** Asks the members again and again for `holdMs`: health, levels, and whether they are still what was deployed. */
export async function probe(
  target: DeployTarget,
  change: Change | undefined,
  ports: Ports,
  { holdMs, before, signal }: { holdMs: number; before: ReadonlyMap<string, number>; signal: AbortSignal | undefined },
  host: Pick<Host, 'network' | 'clock'>,
): Promise<ProbeResult> {
  const all = await target.members(change)
  const members = all.slice(0, MOST_MEMBERS)
  const asked = [...new Set([ports.health?.port, ports.metrics].filter(port => port !== undefined))]
  const remarks = ports === NO_PORTS ? [] : remarksOf(ports, all.length)
  const reached = new Map<Member, Reached>()
  try {
    for (const member of members) if (asked.length > 0) reached.set(member, await member.reach(asked))
    const first = await scrapeAll(reached, ports, host)
    const sick = async () => {
      const ill = await unhealthy(reached, ports, host)
      const wrong = ill ?? (change && (await target.inspect(change)))
      return wrong === undefined ? undefined : { wrong, ill, levels: new Map(), remarks }
    }
    // Ready may be said of a pod whose collector has yet to open its ports.
    const started = host.clock.now() + (change ? STARTS_WITHIN_MS : 0)
    while ((await unhealthy(reached, ports, host)) && host.clock.now() < started) {
      if (change && (await target.inspect(change))) break
      await sleep(host.clock, BETWEEN_MS, signal)
    }
    const until = host.clock.now() + holdMs
    do {
      const found = await sick()
      if (found) return found
      if (holdMs > 0) await sleep(host.clock, Math.min(BETWEEN_MS, holdMs), signal)
    } while (host.clock.now() < until)
    const last = await scrapeAll(reached, ports, host)
    const levels = levelsOf(ports, first, last)
    return { wrong: worse(levels, before), ill: undefined, levels, remarks: [...remarks, ...unknownLevels(ports, last, levels)] }
  } finally {
    for (const each of reached.values()) await each.close().catch(() => {})
  }
}

function remarksOf({ health, metrics, failovers }: Ports, count: number): string[] {
  const remarks = []
  if (!health) remarks.push('the config has no health_check extension: health was not asked for')
  if (metrics === undefined && failovers.length > 0) remarks.push('the config serves no metrics: the level is unknown')
  if (count > MOST_MEMBERS) remarks.push(`${MOST_MEMBERS} of ${count} collectors were asked`)
  return remarks
}

async function unhealthy(reached: ReadonlyMap<Member, Reached>, { health }: Ports, host: Pick<Host, 'network'>) {
  if (!health) return undefined
  for (const [{ name }, { url }] of reached) {
    const base = url(health.port)
    if (base === undefined) continue
    const reply = await host.network.request({ method: 'GET', url: `${base}${health.path}`, timeoutMs: ANSWER_MS })
    if (reply.kind !== 'answer') return `${name}: health_check does not answer (${reply.reason})`
    if (reply.status !== 200) return `${name}: health_check answers ${reply.status}`
  }
  return undefined
}

/** By member: what its metrics say, or why they say nothing. */
type Scrapes = ReadonlyMap<string, Figures | string>

async function scrapeAll(
  reached: ReadonlyMap<Member, Reached>,
  { metrics }: Ports,
  { network }: Pick<Host, 'network'>,
): Promise<Scrapes> {
  const found = new Map<string, Figures | string>()
  for (const [{ name }, { url }] of reached) {
    const base = metrics === undefined ? undefined : url(metrics)
    if (base === undefined) continue
    const request = { url: `${base}/metrics`, timeoutMs: ANSWER_MS, maxReplyBytes: MOST_BYTES }
    found.set(name, figuresIn(await network.get(request)))
  }
  return found
}

function figuresIn(reply: HttpReply): Figures | string {
  if (reply.kind !== 'answer') return `its metrics do not answer (${reply.reason})`
  if (reply.oversized) return `its metrics are more than ${formatBytes(MOST_BYTES)}`
  if (reply.status !== 200) return `its metrics answer ${reply.status}`
  const figures = readFigures(reply.body)
  return figures.isCollector ? figures : 'what answers in place of its metrics is nothing of a collector'
}

function levelsOf({ failovers }: Ports, first: Scrapes, last: Scrapes): Map<string, number> {
  const levels = new Map<string, number>()
  for (const failover of failovers) {
    const id = failover.component.id
    for (const [name, after] of last) {
      if (typeof after === 'string') continue
      const before = first.get(name)
      const level = levelIn(failover, typeof before === 'string' ? after : before, after)?.level
      if (level === undefined) continue
      const known = levels.get(id)
      levels.set(id, known === undefined || depth(level) > depth(known) ? level : known)
    }
  }
  return levels
}

/** Why no level is told, where one could be expected. */
function unknownLevels({ failovers }: Ports, last: Scrapes, levels: ReadonlyMap<string, number>): string[] {
  if (failovers.length === 0) return []
  const mute = [...last].flatMap(([name, scrape]) =>
    typeof scrape === 'string' ? [`${name}: ${scrape}: its level is unknown`] : [],
  )
  if (mute.length === last.size) return mute
  const ids = failovers.map(({ component }) => component.id).filter(id => !levels.has(id))
  return [...mute, ...ids.map(id => `${id}: its level is unknown: there is no gauge of it, and nothing was sent meanwhile`)]
}

// All levels down is below the last one.
const depth = (level: number) => (level < 0 ? Number.POSITIVE_INFINITY : level)

function worse(levels: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): string | undefined {
  for (const [id, level] of levels) {
    const old = before.get(id)
    // What was failed over before may stay so; what is new should not begin so.
    if (level < 0 && (old === undefined || old >= 0)) return `${id}: all of its levels are down`
    if (depth(level) > depth(old ?? level)) return `${id}: on level ${level}, before the change on level ${old}`
  }
  return undefined
}
