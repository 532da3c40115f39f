/** What a refusal that must not be sent again says about: the door, the place, the size, or the lines themselves. */
export type Refusal = 'no-access' | 'wrong-place' | 'too-large' | 'bad-data'

// HTTP statuses, and codes of gRPC, which are all below 100.
const REFUSALS: ReadonlyMap<number, Refusal> = new Map([
  [401, 'no-access'],
  [403, 'no-access'],
  [16, 'no-access'],
  [7, 'no-access'],
  [404, 'wrong-place'],
  [405, 'wrong-place'],
  [415, 'wrong-place'],
  [12, 'wrong-place'],
  [413, 'too-large'],
  [8, 'too-large'],
])

/** Redirects are not followed, and lead to another place. */
export const refusalOf = (status: number): Refusal =>
  status >= 300 && status < 400 ? 'wrong-place' : (REFUSALS.get(status) ?? 'bad-data')
