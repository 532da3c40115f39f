import { unreachable } from '../core/errors.ts'
import type { FailoverEvent } from './events.ts'

/** One event in a line's words, without its time. */
export function failoverEventText(event: FailoverEvent): string {
  switch (event.type) {
    case 'endpoint-added':
      return `${event.endpoint} is there`
    case 'endpoint-removed':
      return `${event.endpoint} is gone`
    case 'health-changed':
      return `${event.endpoint} is ${event.to} (was ${event.from}): ${event.cause}`
    case 'breaker-changed':
      return `breaker of ${event.endpoint} is ${event.to}: ${event.cause}`
    case 'failover':
      return `failover from ${event.from.join(', ')} to ${event.to.join(', ')}`
    case 'fail-back':
      return `fail-back from ${event.from.join(', ')} to ${event.to.join(', ')}`
    case 'panic-started':
      return 'no endpoint passes its checks: they are not believed'
    case 'panic-ended':
      return 'checks are believed again'
    case 'request-failed':
      return `request failed: ${event.code}: ${event.reason}`
    case 'discovery-failed':
      return `${event.provider} cannot be asked, the last known endpoints are kept: ${event.reason}`
    case 'discovery-restored':
      return `${event.provider} answers again`
    default:
      return unreachable(event)
  }
}
