import type { Provider, Report } from '../discovery.ts'
import type { EndpointSettings } from '../endpoint.ts'

export interface MockProvider extends Provider {
  set(endpoints: readonly EndpointSettings[]): void
  fail(reason: string): void
}

/** A provider that says what a test tells it to, also what it was told before somebody listened. */
export function mockProvider(name = 'mock'): MockProvider {
  let report: Report | undefined
  let last: ((to: Report) => void) | undefined
  const tell = (say: (to: Report) => void) => {
    last = say
    if (report) say(report)
  }
  return {
    name,
    set: endpoints => tell(to => to.found(endpoints)),
    fail: reason => tell(to => to.failed(reason)),
    run: (to, signal) =>
      new Promise(resolve => {
        report = to
        last?.(to)
        signal.addEventListener('abort', () => resolve(), { once: true })
      }),
  }
}
