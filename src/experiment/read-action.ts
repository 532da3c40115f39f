import { beside } from '../source/beside.ts'
import type { At } from '../source/value.ts'
import type { ActionData } from './experiment-file.ts'
import { bad, ms } from './place.ts'
import type { Action, WishedFault } from './wish.ts'

/** What an action needs besides its target. */
const NEEDS: Readonly<Record<Action, readonly (keyof ActionData)[]>> = {
  stop: [],
  kill: [],
  pause: [],
  restart: [],
  partition: [],
  loss: ['share'],
  'partial-success': ['share'],
  reset: [],
  'disk-full': [],
  config: ['file'],
  latency: ['latency'],
  reject: ['status'],
  flap: ['down', 'up'],
  crash: [],
  'node-loss': [],
}

/** One step of the method. Throws `bad-experiment` with its place. */
export function readAction(entry: ActionData, place: At): WishedFault {
  const { fault: action, target: who, status } = entry
  const said = `${place.file}:${place.line}:${place.column}: ${action} ${who}`
  const missing = NEEDS[action].find(key => entry[key] === undefined)
  if (missing) throw bad(place, `${action} ${who} has no \`${missing}\``)
  if (entry.until !== undefined && entry.for !== undefined)
    throw bad(place, `${action} ${who} has both \`until\` and \`for\``, 'One of them says when it ends.')
  const atMs = ms(entry.at)
  const until = entry.until === 'end' ? Number.POSITIVE_INFINITY : ms(entry.until)
  if (entry.until !== undefined && until === undefined)
    throw bad(place, `${action} ${who}: until ${entry.until} is no duration`, 'Write a duration such as 10m, or end.')
  const isRestart = action === 'crash' || action === 'restart'
  const lasts = ms(entry.for)
  return {
    action,
    who,
    said,
    status,
    atMs,
    untilMs: isRestart ? undefined : (until ?? (lasts === undefined || atMs === undefined ? undefined : atMs + lasts)),
    lastsMs: isRestart || atMs !== undefined ? undefined : lasts,
    latencyMs: ms(entry.latency),
    share: entry.share === undefined ? undefined : Number.parseFloat(entry.share) / 100,
    file: entry.file === undefined ? undefined : beside(place.file, entry.file),
    downMs: isRestart ? lasts : ms(entry.down),
    upMs: ms(entry.up),
  }
}
