import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import type { BackendPlan } from '../../outage/backends.ts'
import type { PlannedFault } from '../experiment.ts'
import { mayNotFill, prepareDiskFull } from '../machine/disk-full.ts'
import { isNetworkDeed, NETWORK_DEEDS, prepareNetworkFault } from '../network/network-fault.ts'
import type { Deed, Prepared, TargetBackend } from '../target.ts'
import type { ArrivalSource } from './containers/arrival-source.ts'
import { type BackendNetwork, networkOf } from './network-of.ts'
import type { BackendProcess, ProcessSettings } from './process-settings.ts'
import { processWitness } from './process-witness.ts'
import { Program } from './program.ts'
import { type Proxied, proxyBefore } from './proxied.ts'

/** What no network tool can do. */
const PROXY_ALONE = ['reject', 'partial-success', 'reset'] as const satisfies readonly Deed[]

/** A backend that is a process of this machine. */
export class ProcessBackend implements TargetBackend {
  readonly name: string
  readonly exporters: readonly string[]
  can: ReadonlySet<Deed> = new Set()
  cannot: Partial<Record<Deed, string>> = {}
  #plan: BackendPlan
  #described: BackendProcess
  #run: string
  #host: Host
  #program: Program
  #network: BackendNetwork | undefined
  #proxy: Proxied | undefined
  readonly source: ArrivalSource
  #lookedAt = Number.NEGATIVE_INFINITY
  #firstAt: number | undefined

  constructor(plan: BackendPlan, described: BackendProcess, run: string, host: Host) {
    this.name = plan.name
    this.exporters = plan.exporters.map(({ id }) => id)
    this.#plan = plan
    this.#described = described
    this.#run = run
    this.#host = host
    this.#program = new Program(plan.name, described, this.#address, host)
    this.source = processWitness(described, run, host)
  }

  /** Where it listens itself; undefined where no config says it. */
  get #address(): Address | undefined {
    const { endpoint } = this.#plan
    const configured = endpoint && endpoint.port > 0 ? { host: endpoint.host, port: endpoint.port } : undefined
    return this.#described.proxy?.upstream ?? configured
  }

  /** Looks at what is there, and what can be done to it. Throws where it is not as described. */
  async check(settings: ProcessSettings): Promise<void> {
    const { pid } = await this.#program.running()
    await this.source.begin()
    this.#network = await networkOf(settings, this.#described, this.#address, pid, this.#run, this.#host)
    const { volume, proxy } = this.#described
    const full = volume
      ? await mayNotFill(volume, settings.allowed?.rootVolume ?? false, this.#host)
      : 'the project file names no `volume` of it'
    this.#proxy = proxy && (await proxyBefore(this.#plan, proxy, this.#host))
    const limit = this.#proxy?.limit ?? 'the project file names no `proxy` before it'
    const alone = Object.fromEntries(PROXY_ALONE.map(deed => [deed, limit]))
    this.cannot = { ...alone, ...this.#network.cannot, ...(full && { 'disk-full': full }) }
    for (const deed of this.#proxy?.can ?? []) delete this.cannot[deed]
    const deeds: readonly Deed[] = ['stop', 'kill', 'pause', ...NETWORK_DEEDS, ...PROXY_ALONE, 'disk-full']
    this.can = new Set(deeds.filter(deed => this.cannot[deed] === undefined))
  }

  async prepare(deed: Deed, fault: PlannedFault): Promise<Prepared> {
    const prepared = await this.#prepare(deed, fault)
    return {
      ...prepared,
      undo: async () => {
        // What the old process has written is counted before a new one may empty the file.
        await (deed === 'stop' || deed === 'kill' ? this.source.beforeReturn() : this.source.look())
        await prepared.undo()
      },
    }
  }

  async #prepare(deed: Deed, fault: PlannedFault): Promise<Prepared> {
    const [settings, proxy] = [this.#network?.settings, this.#proxy]
    if (proxy?.can.includes(deed)) return { inject: () => proxy.do(deed, fault), undo: () => proxy.behave() }
    if (isNetworkDeed(deed) && settings) {
      await this.#program.running()
      return prepareNetworkFault(deed, fault, settings, this.#host)
    }
    if (deed === 'disk-full') return prepareDiskFull(this.#described.volume ?? '', this.#run, this.#host)
    if (deed === 'stop' || deed === 'kill' || deed === 'pause') return this.#program.prepare(deed)
    throw new FailoverctlError('not-embedded', `${this.name} cannot ${deed}`)
  }

  mark(fromSequence: number): void {
    this.source.mark(fromSequence)
    this.#firstAt = undefined
  }

  firstArrival = () => this.#firstAt

  async witness() {
    await this.source.look()
    return this.source.holding
  }

  async look(): Promise<void> {
    const now = this.#host.clock.now()
    if (now - this.#lookedAt < this.source.everyMs) return
    this.#lookedAt = now
    await this.source.look()
    if (this.source.hasArrived) this.#firstAt ??= this.#host.clock.now()
  }

  async close(): Promise<void> {
    await this.#proxy?.close()
    await this.source.close()
  }
}
