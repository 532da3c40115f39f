import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Endpoint } from './endpoint.ts'
import type { Member } from './member.ts'

export interface CheckSettings {
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Share by which each interval is stretched or cut, so that many clients do not check at one instant. */
  readonly jitter: number
}

export const CHECK_DEFAULTS: CheckSettings = { intervalMs: 5_000, timeoutMs: 2_000, jitter: 0.2 }

export interface CheckResult {
  readonly passed: boolean
  readonly reason: string
}

/** Checks one endpoint once. Never rejects, and gives up by itself after the time. */
export type Probe = (endpoint: Endpoint, timeoutMs: number) => Promise<CheckResult>

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly now: () => number
}

/** Checks each endpoint again and again, and writes the results into its health. */
export class CheckLoop {
  readonly #settings: CheckSettings
  readonly #probe: Probe
  readonly #world: World
  readonly #timers = new Map<Member, () => void>()

  constructor(settings: Partial<CheckSettings>, probe: Probe, world: World) {
    this.#settings = { ...CHECK_DEFAULTS, ...settings }
    this.#probe = probe
    this.#world = world
  }

  /** These, and no others. */
  follow(members: readonly Member[]): void {
    for (const [member, cancel] of [...this.#timers]) {
      if (members.includes(member)) continue
      cancel()
      this.#timers.delete(member)
    }
    // The first check comes soon, and not of all at one instant.
    const { intervalMs } = this.#settings
    for (const member of members) {
      if (!this.#timers.has(member)) this.#schedule(member, this.#world.random() * Math.min(intervalMs, 1000))
    }
  }

  async check(member: Member): Promise<CheckResult> {
    const { now } = this.#world
    const startedAt = now()
    const result = await this.#probe(member.endpoint, this.#settings.timeoutMs)
    member.health.check(result.passed, now() - startedAt, result.reason)
    member.refresh(now())
    return result
  }

  close(): void {
    this.follow([])
  }

  #schedule(member: Member, ms: number): void {
    const cancel = this.#world.clock.timer(ms, async () => {
      await this.check(member)
      const { intervalMs, jitter } = this.#settings
      // Unless it has left, or everything is closed, in the meantime.
      if (this.#timers.get(member) === cancel) this.#schedule(member, intervalMs * (1 + jitter * (2 * this.#world.random() - 1)))
    })
    this.#timers.set(member, cancel)
  }
}
