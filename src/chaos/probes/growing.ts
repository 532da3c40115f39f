import type { Of } from '../../experiment/probe-wish.ts'
import type { RunView } from '../events.ts'

/** A count that is taken as it is, as what it has grown by since a probe began, or as its growth a second since the last look. */
export class Growing {
  #of: Of
  #begun: number | undefined
  #last: { readonly at: number; readonly count: number } | undefined

  constructor(of: Of) {
    this.#of = of
  }

  begin(count: number | undefined, view: RunView): void {
    this.#begun = count ?? 0
    this.#last = { at: view.now(), count: count ?? 0 }
  }

  /** undefined where no time has passed since the last look. A counter that began anew has grown by what it says. */
  take(count: number, view: RunView): number | undefined {
    if (this.#of === 'value') return count
    const since = (before: number) => (count < before ? count : count - before)
    if (this.#of === 'growth') return since(this.#begun ?? 0)
    const before = this.#last
    const at = view.now()
    this.#last = { at, count }
    return before && at > before.at ? since(before.count) / (at - before.at) : undefined
  }
}

export const WORDS: Readonly<Record<Of, string>> = { value: '', growth: 'growth of ', rate: 'growth a second of ' }
