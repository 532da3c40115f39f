/** `unknown` until the first check or request. Only `unhealthy` takes no requests. */
export type Health = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

export interface HealthSettings {
  /** Passed checks in a row after which an unhealthy endpoint is healthy. */
  readonly rise: number
  /** Failed checks in a row after which it is unhealthy. */
  readonly fall: number
  /** A check that passes but takes longer makes it degraded. */
  readonly slowMs: number
}

export const HEALTH_DEFAULTS: HealthSettings = { rise: 2, fall: 3, slowMs: 1_000 }

const BAD: Readonly<Record<Health, number>> = { unknown: 0, healthy: 1, degraded: 2, unhealthy: 3 }

const worse = (a: Health, b: Health): Health => (BAD[a] > BAD[b] ? a : b)

export type HealthChange = (to: Health, from: Health, cause: string) => void

/**
 * What is known of one endpoint's health, from checks, from a registry, and from requests where nobody checks. Checks and registry
 * are kept apart and the worse one counts: a registry says what it has said before again and again, and knows nothing of our way.
 */
export class HealthRecord {
  readonly #settings: HealthSettings
  readonly #changed: HealthChange
  #state: Health = 'unknown'
  /** By our own checks or requests, and by the registry. */
  #seen: Health = 'unknown'
  #told: Health = 'unknown'
  #passed = 0
  #missed = 0
  #checked = false

  constructor(settings: Partial<HealthSettings>, changed: HealthChange) {
    this.#settings = { ...HEALTH_DEFAULTS, ...settings }
    this.#changed = changed
  }

  get state(): Health {
    return this.#state
  }

  /** The result of an active check. The first that passes is believed at once: nobody wants to wait at the start. */
  check(passed: boolean, ms: number, reason: string): void {
    const { rise, fall, slowMs } = this.#settings
    this.#checked = true
    this.#passed = passed ? this.#passed + 1 : 0
    this.#missed = passed ? 0 : this.#missed + 1
    if (!passed && this.#missed >= fall) this.#see('unhealthy', `${this.#missed} checks in a row failed: ${reason}`)
    else if (!passed && this.#seen !== 'unhealthy') this.#see('degraded', `a check failed: ${reason}`)
    else if (passed && (this.#seen !== 'unhealthy' || this.#passed >= rise)) {
      this.#see(ms > slowMs ? 'degraded' : 'healthy', ms > slowMs ? 'a check was slow' : 'checks pass')
    }
  }

  /** What a registry says; it has done its own counting. */
  told(health: Exclude<Health, 'unknown'>, by: string): void {
    // It knows more than requests do, and less than checks.
    if (!this.#checked) this.#seen = 'unknown'
    this.#told = health
    this.#become(worse(this.#seen, health), `by ${by}`)
  }

  /** The end of a request. Where nobody checks it shows trouble; to keep requests away is the breaker's business. */
  request(worked: boolean): void {
    if (this.#checked || this.#told !== 'unknown') return
    if (worked) {
      if (this.#seen !== 'healthy') this.#see('healthy', 'a request worked')
    } else if (this.#seen !== 'degraded') this.#see('degraded', 'a request failed')
  }

  #see(to: Health, cause: string): void {
    this.#seen = to
    this.#become(worse(to, this.#told), cause)
  }

  #become(to: Health, cause: string): void {
    const from = this.#state
    if (to === from) return
    this.#state = to
    this.#changed(to, from, cause)
  }
}
