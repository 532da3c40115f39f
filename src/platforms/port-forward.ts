import { FailoverctlError } from '../core/errors.ts'
import type { Tools } from '../core/tools.ts'
import { kubectlError } from './kubectl-errors.ts'

export interface Forwarding {
  /** The port on 127.0.0.1 that leads to a port of the pod. */
  local(port: number): number
  /** Resolves when it does not stand any more: the pod is gone, or it was stopped. */
  readonly ended: Promise<unknown>
  stop(): Promise<void>
}

/** A port of a pod, and the one on 127.0.0.1 that is to lead to it; undefined: a free one. */
export interface ForwardedPort {
  readonly port: number
  readonly local?: number | undefined
}

/** Starts `kubectl port-forward`, whose arguments up to its own name are `kubectl`. Throws when it does not stand within that time. */
export async function portForward(
  tools: Tools,
  kubectl: readonly string[],
  pod: string,
  asked: readonly (number | ForwardedPort)[],
  withinMs: number,
): Promise<Forwarding> {
  const ports = asked.map(port => (typeof port === 'number' ? { port } : port))
  const words = [
    'port-forward',
    `pod/${pod}`,
    ...ports.map(({ port, local }: ForwardedPort) => `${local ?? ''}:${port}`),
    '--address',
    '127.0.0.1',
  ]
  const tool = await tools.open([...kubectl, ...words, `--pod-running-timeout=${Math.ceil(withinMs / 1000)}s`])
  const found = new Map<number, number>()
  // Leaving a `for` over the lines would wait for the end of the program.
  const lines = tool.lines[Symbol.asyncIterator]()
  while (found.size < ports.length) {
    const { value: line, done } = await lines.next()
    if (done) break
    const [, local, remote] = /^Forwarding from 127\.0\.0\.1:(\d+) -> (\d+)/.exec(line) ?? []
    if (local !== undefined) found.set(Number(remote), Number(local))
  }
  if (found.size < ports.length) {
    const run = await tool.ended
    throw kubectlError(`port-forward pod/${pod}`, run)
  }
  return {
    local(port) {
      const local = found.get(port)
      if (local === undefined) throw new FailoverctlError('bug', `port ${port} of ${pod} is not forwarded`)
      return local
    },
    ended: tool.ended,
    stop: () => tool.stop(),
  }
}
