/** A rate starts at this share of itself: low enough to be harmless, high enough that an end is in sight. */
const FIRST_SHARE = 0.05

export interface RampUp {
  /** What the first so many milliseconds are worth, in milliseconds of the whole rate. */
  worthOf(ms: number): number
  /** The other way round. */
  timeOf(worth: number): number
}

/** From a twentieth of a rate to all of it after so many milliseconds, evenly; 0 is all of it at once. */
export function rampUp(rampMs: number): RampUp {
  if (rampMs === 0) return { worthOf: ms => ms, timeOf: worth => worth }
  const slope = (1 - FIRST_SHARE) / rampMs
  const rising = (ms: number) => FIRST_SHARE * ms + (slope * ms * ms) / 2
  const atTop = rising(rampMs)
  return {
    worthOf: ms => (ms < rampMs ? rising(ms) : atTop + ms - rampMs),
    timeOf: worth =>
      worth < atTop ? (Math.sqrt(FIRST_SHARE ** 2 + 2 * slope * worth) - FIRST_SHARE) / slope : rampMs + worth - atTop,
  }
}
