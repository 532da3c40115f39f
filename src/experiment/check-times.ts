import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { WishedFault } from './wish.ts'

/** Throws `wrong-use` where a fault ends before it begins, or begins before the traffic: it could not be made, or never be taken back. */
export function checkTimes({
  action,
  said,
  atMs = 0,
  untilMs = Number.POSITIVE_INFINITY,
  downMs = 0,
  upMs = 0,
}: WishedFault): void {
  const wrong = (what: string, hint: string) => new FailoverctlError('wrong-use', `${said}${what}`, hint)
  if (atMs < 0 || untilMs < 0)
    throw wrong(' begins before the traffic does', 'Times count from the start of traffic: primary=60s..10m')
  if (untilMs <= atMs)
    throw wrong(
      ` ends (${formatDuration(untilMs)}) before it begins (${formatDuration(atMs)})`,
      'A window goes from..to, both from the start of traffic: primary=60s..10m',
    )
  if (action === 'flap' && (downMs <= 0 || upMs <= 0))
    throw wrong(': down and up each take some time', 'Example: --flap primary=30s/30s')
  if (downMs < 0) throw wrong(': no time is negative', 'Example: --crash collector@5m+30s')
}
