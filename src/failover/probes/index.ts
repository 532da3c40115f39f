import type { Probe } from '../check-loop.ts'
import { collector } from './collector.ts'
import { http } from './http.ts'
import { otlp } from './otlp.ts'
import type { ProbeKind, ProbeSettings, ProbeWorld } from './probe.ts'
import { tcp } from './tcp.ts'

const KINDS = { tcp, http, otlp, collector } satisfies Record<ProbeSettings['kind'], ProbeKind>

/** An active check that the host does. A check that throws has failed. */
export const probeOf =
  ({ kind, ...settings }: ProbeSettings, world: ProbeWorld): Probe =>
  (endpoint, timeoutMs) =>
    KINDS[kind](endpoint, settings, world, timeoutMs).catch((error: unknown) => ({
      passed: false,
      reason: error instanceof Error ? error.message : String(error),
    }))
