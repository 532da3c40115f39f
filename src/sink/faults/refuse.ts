import type { FaultKind } from './fault.ts'

/** The receiver is gone: its port is closed and its connections are reset. Senders learn it at once. */
export const refuse = {
  kind: 'refuse',
  usage: 'refuse',
  what: 'close the port and reset the connections',
  read: () => ({
    closesPort: true,
    delays: true,
    wrap: () => async () => ({ status: 503, message: 'nobody listens', reset: true }),
  }),
} satisfies FaultKind
