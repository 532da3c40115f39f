import type { FailoverEvent } from '../failover/events.ts'

/** One event as a program reads it, on `/events` and with `--json`: docs/proxy.md has the fields of each type. `at` is in milliseconds since 1970. */
export type EventLine = FailoverEvent & { readonly listener: string }

/** Time, listener and type come first: a person reads it, too. */
export function eventLine(listener: string, { at, type, ...rest }: FailoverEvent): EventLine {
  return { at, listener, type, ...rest } as EventLine
}
