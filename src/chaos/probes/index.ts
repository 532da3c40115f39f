import type { ProbeType } from '../../experiment/probe-wish.ts'
import { arrivals } from './arrivals.ts'
import { command } from './command.ts'
import { health } from './health.ts'
import { http } from './http.ts'
import { latency } from './latency.ts'
import { level } from './level-held.ts'
import { loss } from './loss.ts'
import { metric } from './metric.ts'
import type { MakeProbe } from './probe.ts'
import { promql } from './promql.ts'
import { queue } from './queue.ts'

/** Every probe by the word that experiments have for it. */
export const PROBES: Readonly<Record<ProbeType, MakeProbe>> = {
  level,
  queue,
  metric,
  health,
  http,
  command,
  promql,
  arrivals,
  latency,
  loss,
}
