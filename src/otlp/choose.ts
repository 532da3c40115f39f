import type { Verdict } from './reply.ts'

/** Decides which of several endpoints gets a request. It is told the time, and what became of each request; it asks nobody. */
export interface Choice {
  /**
   * An endpoint by its place in the list, or undefined when the request is not to be tried again after those that did not take it.
   * Requests of one key belong together, where the choice goes by that.
   */
  choose(tried: readonly number[], nowMs: number, key?: string): number | undefined
  record(endpoint: number, verdict: Verdict, nowMs: number): void
}

/** Each in turn; what one does not take is not offered to another. */
export function roundRobin(endpoints: number): Choice {
  let next = 0
  return {
    choose: tried => (tried.length > 0 ? undefined : next++ % endpoints),
    record() {},
  }
}

/** An endpoint that did not take a request is left alone for so long, unless all are. What it refuses for good, another would, too. */
const COOL_DOWN_MS = 5000

/** The first that works, in the order given; a request that surely was not taken goes to the next one. */
export function inOrder(endpoints: number): Choice {
  const downUntil = new Array<number>(endpoints).fill(0)
  const all = Array.from({ length: endpoints }, (_, index) => index)
  return {
    choose(tried, nowMs) {
      const left = all.filter(endpoint => !tried.includes(endpoint))
      return left.find(endpoint => (downUntil[endpoint] as number) <= nowMs) ?? left[0]
    },
    record(endpoint, verdict, nowMs) {
      const works = verdict.kind === 'accepted' || verdict.kind === 'refused'
      downUntil[endpoint] = works ? 0 : nowMs + COOL_DOWN_MS
    },
  }
}

export const STRATEGIES = { 'round-robin': roundRobin, failover: inOrder } as const
export type Strategy = keyof typeof STRATEGIES
