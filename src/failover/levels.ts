import type { Random } from '../core/random.ts'
import type { Member } from './member.ts'
import { type Choose, isFree, type Strategy, type Wanted } from './strategy.ts'

interface Level {
  readonly members: readonly Member[]
  readonly choose: Choose
}

export interface LevelSettings {
  /** How long a better level must have been well before requests go back to it. Infinity: they stay. */
  readonly failBackMs: number
  readonly moved: (how: 'failover' | 'fail-back', from: readonly Member[], to: readonly Member[]) => void
}

/**
 * Levels of endpoints, the best first. Requests stay on the current one until it is out, and go back to a better one
 * only once that has been well for a while; its breaker gets its trial requests all the same.
 */
export class Levels {
  readonly #levels: readonly Level[]
  readonly #settings: LevelSettings
  #current: number

  /** `before` are the members that had the requests so far. */
  constructor(
    strategy: Pick<Strategy, 'share'>,
    members: readonly (readonly Member[])[],
    random: Random,
    settings: LevelSettings,
    before: readonly Member[] = [],
  ) {
    this.#levels = members.map(level => ({ members: level, choose: strategy.share(level, random) }))
    this.#settings = settings
    this.#current = Math.max(
      0,
      members.findIndex(level => level.some(member => before.includes(member))),
    )
  }

  get current(): readonly Member[] {
    return this.#levels[this.#current]?.members ?? []
  }

  /** The level that a request would now go to, 0 the best; -1 when every one is out. A better one may be well already, and not yet trusted. */
  at(now: number): number {
    const { length } = this.#levels
    for (let step = 0; step < length; step++) {
      const at = (this.#current + step) % length
      if (isAvailable(this.#levels[at]!, now)) return at
    }
    return -1
  }

  /** At which level each member stands. */
  ranks(): Map<Member, number> {
    return new Map(this.#levels.flatMap(({ members }, at) => members.map(member => [member, at] as const)))
  }

  pick(wanted: Wanted, now: number): Member | undefined {
    this.#settle(now)
    const trial = this.#current > 0 ? this.#trialAbove(wanted, now) : undefined
    if (trial) return trial
    for (let step = 0; step < this.#levels.length; step++) {
      const member = this.#levels[(this.#current + step) % this.#levels.length]!.choose(wanted, now)
      if (member) return member
    }
    return undefined
  }

  #settle(now: number): void {
    let better = 0
    while (better < this.#current && !this.#isSteady(this.#levels[better]!, now)) better++
    if (better < this.#current) this.#move(better)
    else if (this.#levels.length > 0 && !isAvailable(this.#levels[this.#current]!, now)) {
      const next = this.#levels.findIndex(level => isAvailable(level, now))
      if (next >= 0) this.#move(next)
    }
  }

  #isSteady({ members }: Level, now: number): boolean {
    for (const member of members) {
      if (now - member.steadySince >= this.#settings.failBackMs && now >= member.availableAt) return true
    }
    return false
  }

  #move(to: number): void {
    const from = this.current
    const how = to > this.#current ? 'failover' : 'fail-back'
    this.#current = to
    this.#settings.moved(how, from, this.current)
  }

  /** An endpoint of a better level whose breaker asks for a trial. Without requests it would never close. */
  #trialAbove(wanted: Wanted, now: number): Member | undefined {
    for (let at = 0; at < this.#current; at++) {
      for (const member of this.#levels[at]!.members) {
        if (member.breaker.state !== 'closed' && isFree(member, wanted, now)) return member
      }
    }
    return undefined
  }
}

function isAvailable({ members }: Level, now: number): boolean {
  for (const member of members) if (now >= member.availableAt) return true
  return false
}
