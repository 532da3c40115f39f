import type { WishedProbe } from '../../experiment/probe-wish.ts'
import type { Check } from '../../model/outcome.ts'
import type { Observer, RunEvent, RunView } from '../events.ts'
import { PROBES } from './index.ts'
import type { Probe, ProbeWorld } from './probe.ts'
import { Watching } from './watching.ts'

/**
 * The probes of an experiment, as they hear a run. Those of the start have to hold before any fault is made;
 * those that `abortOn` names end the run when they fail, or cannot be seen. Throws `bad-experiment` for names that are not there.
 */
export function probeObserver(wished: readonly WishedProbe[], abortOn: readonly string[], world: ProbeWorld): Observer {
  return new Probes(
    wished.map(each => [each, PROBES[each.probe](each, world)]),
    new Set(abortOn),
    world,
  )
}

class Probes implements Observer {
  #probes: readonly (readonly [WishedProbe, Probe])[]
  #abortOn: ReadonlySet<string>
  #world: ProbeWorld
  #aborting = new AbortController()
  /** Ends looks that go on and on. */
  #closing = new AbortController()
  /** In the order in which they began. */
  #watchings: Watching[] = []
  #running = new Map<WishedProbe, { readonly stop: AbortController; readonly ended: Promise<void> }>()
  /** A probe that looks in each fault is one probe. */
  #onChaos = new Map<WishedProbe, Watching>()
  #faults = 0

  constructor(probes: readonly (readonly [WishedProbe, Probe])[], abortOn: ReadonlySet<string>, world: ProbeWorld) {
    this.#probes = probes
    this.#abortOn = abortOn
    this.#world = world
    for (const [each, probe] of probes) if (each.when === 'on-chaos') this.#onChaos.set(each, this.#watching(each, probe))
  }

  get abort(): AbortSignal {
    return this.#aborting.signal
  }

  async hear(event: RunEvent, view: RunView): Promise<void> {
    switch (event.kind) {
      case 'steady':
        return event.reached ? this.#start(view) : undefined
      case 'fault':
        if (++this.#faults === 1) for (const [each, watching] of this.#onChaos) this.#run(each, watching, view)
        return
      case 'undone':
        if (--this.#faults === 0) await this.#stop([...this.#onChaos.keys()])
        return
      case 'draining':
        return this.#stop([...this.#running.keys()])
      case 'drained':
        await this.#atEdge('end', view)
    }
  }

  checks(): readonly Check[] {
    return this.#watchings.map(watching => watching.check())
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#stop([...this.#running.keys()])
  }

  async #start(view: RunView): Promise<void> {
    const complaints = await this.#atEdge('start', view)
    if (complaints.length > 0) return this.#aborting.abort(`the steady-state hypothesis does not hold: ${complaints.join('; ')}`)
    for (const [each, probe] of this.#probes) {
      if (each.when === 'continuous') this.#run(each, this.#watching(each, probe), view)
    }
  }

  /** All of them, also where one fails. Answers with what is not as expected. */
  async #atEdge(edge: 'start' | 'end', view: RunView): Promise<string[]> {
    const concerned = this.#probes.filter(([{ when }]) => when === edge || when === 'edge')
    const watchings = concerned.map(([each, probe]) => this.#watching(each, probe, each.when === 'edge' ? ` (${edge})` : ''))
    await Promise.all(watchings.map(watching => watching.atEdge(view, this.#closing.signal)))
    return watchings.flatMap(({ complaint }) => complaint ?? [])
  }

  #watching(wished: WishedProbe, probe: Probe, suffix = ''): Watching {
    const watching = new Watching(wished, probe, this.#world.host.clock, suffix)
    this.#watchings.push(watching)
    return watching
  }

  #run(each: WishedProbe, watching: Watching, view: RunView): void {
    const stop = new AbortController()
    const looked = () => {
      const { complaint } = watching
      if (complaint !== undefined && this.#abortOn.has(each.name)) this.#aborting.abort(`abort-on: ${complaint}`)
    }
    const ends = AbortSignal.any([stop.signal, this.#closing.signal])
    this.#running.set(each, { stop, ended: watching.again(view, ends, looked) })
  }

  async #stop(probes: readonly WishedProbe[]): Promise<void> {
    const stopped = probes.flatMap(each => this.#running.get(each) ?? [])
    for (const each of probes) this.#running.delete(each)
    for (const { stop } of stopped) stop.abort()
    await Promise.all(stopped.map(({ ended }) => ended))
  }
}
