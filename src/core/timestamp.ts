// Swedish writes dates as ISO 8601 does.
const UTC = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' })

/** Milliseconds since 1970 as `2026-11-21T03:12:32Z`. */
export const timestamp = (epochMs: number): string => `${UTC.format(epochMs).replace(' ', 'T')}Z`
