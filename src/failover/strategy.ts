import type { Random } from '../core/random.ts'
import type { Member } from './member.ts'

/** What a request wants of the endpoint that is chosen for it. */
export interface Wanted {
  /** Requests of one key go to one endpoint, where the strategy cares. */
  readonly key?: string | undefined
  /** Where the request comes from, when not from the manager's own region. */
  readonly region?: string | undefined
  /** Endpoints that have failed it already. */
  readonly tried: readonly Member[]
  /** Do not believe the checks. */
  readonly panic: boolean
}

/** One of the members that are free for this request, or none. */
export type Choose = (wanted: Wanted, now: number) => Member | undefined

/** How requests are shared out. Levels stand one after the other; the endpoints of a level share the work. */
export interface Strategy {
  readonly name: string
  /** True when the levels depend on the region that a request comes from. */
  readonly byRegion?: boolean
  levels(members: readonly Member[], region: string | undefined): Member[][]
  share(members: readonly Member[], random: Random): Choose
}

export const isFree = (member: Member, { tried, panic }: Wanted, now: number): boolean =>
  (now >= member.availableAt || (panic && now >= member.triableAt)) && (tried.length === 0 || !tried.includes(member))

/** Members of equal rank in one level, lower ranks first. */
export function levelsBy(members: readonly Member[], rank: (member: Member) => number): Member[][] {
  const levels = new Map<number, Member[]>()
  for (const member of members) {
    const at = rank(member)
    const level = levels.get(at)
    if (level) level.push(member)
    else levels.set(at, [member])
  }
  return [...levels].sort(([a], [b]) => a - b).map(([, level]) => level)
}

export const byPriority = (members: readonly Member[]): Member[][] => levelsBy(members, ({ endpoint }) => endpoint.priority)

/** One of the free members, each as likely as the other. */
export function draw(members: readonly Member[], wanted: Wanted, now: number, random: Random, not?: Member): Member | undefined {
  const first = members[Math.floor(random() * members.length)]
  if (first && first !== not && isFree(first, wanted, now)) return first
  let free = 0
  for (const member of members) if (member !== not && isFree(member, wanted, now)) free++
  let left = Math.floor(random() * free)
  for (const member of members) if (member !== not && isFree(member, wanted, now) && left-- === 0) return member
  return undefined
}
