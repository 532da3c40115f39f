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

export type HealthChange = (to: Health, from: Health, cause: string) => void

/** What is known of one endpoint's health, from checks, from a registry, and from requests where nobody checks. */
export class HealthRecord {
  readonly #settings: HealthSettings
  readonly #changed: HealthChange
  #state: Health = 'unknown'
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
    if (!passed && this.#missed >= fall) this.#become('unhealthy', `${this.#missed} checks in a row failed: ${reason}`)
    else if (!passed && this.#state !== 'unhealthy') this.#become('degraded', `a check failed: ${reason}`)
    else if (passed && (this.#state !== 'unhealthy' || this.#passed >= rise)) {
      this.#become(ms > slowMs ? 'degraded' : 'healthy', ms > slowMs ? 'a check was slow' : 'checks pass')
    }
  }

  /** What a registry says; it has done its own counting. */
  told(health: Exclude<Health, 'unknown'>, by: string): void {
    this.#checked = true
    this.#become(health, `by ${by}`)
  }

  /** The end of a request. Where nobody checks it shows trouble; to keep requests away is the breaker's business. */
  request(worked: boolean): void {
    if (this.#checked) return
    if (worked) {
      if (this.#state !== 'healthy') this.#become('healthy', 'a request worked')
    } else if (this.#state !== 'degraded') this.#become('degraded', 'a request failed')
  }

  #become(to: Health, cause: string): void {
    const from = this.#state
    if (to === from) return
    this.#state = to
    this.#changed(to, from, cause)
  }
}
