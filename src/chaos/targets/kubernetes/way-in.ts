import { sleep } from '../../../core/clock.ts'
import type { Host } from '../../../core/host.ts'
import type { Kubectl } from '../../../platforms/kubectl.ts'
import type { Forwarding } from '../../../platforms/port-forward.ts'
import { readyPods, type Workload } from './workload.ts'

const AGAIN_MS = 500

/**
 * Ports of some ready pod of a workload on 127.0.0.1. When the pod dies another one takes its place: the addresses stay, and in between
 * connections are refused, as they would be for a sender in the cluster.
 */
export class WayIn {
  #workload: Workload
  #ports: readonly number[]
  #kubectl: Kubectl
  #clock: Host['clock']
  #closing = new AbortController()
  #local = new Map<number, number>()
  #now: Forwarding | undefined
  #keeping: Promise<void> = Promise.resolve()

  constructor(workload: Workload, ports: readonly number[], kubectl: Kubectl, { clock }: Pick<Host, 'clock'>) {
    this.#workload = workload
    this.#ports = ports
    this.#kubectl = kubectl
    this.#clock = clock
  }

  /** Throws where no pod is ready, or its ports cannot be forwarded. */
  async open(): Promise<void> {
    await this.#forward()
    for (const port of this.#ports) this.#local.set(port, this.#now?.local(port) ?? 0)
    this.#keeping = this.#keep()
  }

  address = (port: number): string => `http://127.0.0.1:${this.#local.get(port)}`

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#now?.stop().catch(() => {})
    await this.#keeping
  }

  async #forward(): Promise<void> {
    const [pod] = await readyPods(this.#workload, this.#kubectl)
    this.#now = await this.#kubectl.portForward(
      pod?.metadata.name ?? '',
      this.#ports.map(port => ({ port, local: this.#local.get(port) })),
    )
  }

  async #keep(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#now?.ended
      await sleep(this.#clock, AGAIN_MS, this.#closing.signal).catch(() => {})
      if (!this.#closing.signal.aborted) await this.#forward().catch(() => {})
    }
  }
}
