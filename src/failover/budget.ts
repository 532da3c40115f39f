import { RateWindow } from './rate-window.ts'

export interface BudgetSettings {
  /** Retries for each request, over the window. */
  readonly ratio: number
  /** Retries a second that are always allowed. */
  readonly minPerSecond: number
  readonly windowMs: number
}

export const BUDGET_DEFAULTS: BudgetSettings = { ratio: 0.2, minPerSecond: 1, windowMs: 10_000 }

/** Keeps retries a share of the requests, so that an outage is not made worse by them. */
export class RetryBudget {
  readonly #settings: BudgetSettings
  // A retry is kept as a call that failed.
  readonly #window: RateWindow

  constructor(settings: Partial<BudgetSettings> = {}) {
    this.#settings = { ...BUDGET_DEFAULTS, ...settings }
    this.#window = new RateWindow(this.#settings.windowMs)
  }

  request(now: number): void {
    this.#window.record(true, now)
  }

  /** Takes one retry from the budget, when there is one. */
  retry(now: number): boolean {
    const { ratio, minPerSecond, windowMs } = this.#settings
    this.#window.advance(now)
    const { calls, failed: retries } = this.#window
    if (retries + 1 > (minPerSecond * windowMs) / 1000 + ratio * (calls - retries)) return false
    this.#window.record(false, now)
    return true
  }
}
