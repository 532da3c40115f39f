import type { Failover, Graph } from '../collector/graph.ts'
import { FailoverctlError } from '../core/errors.ts'
import { allowedTimes } from '../outage/allowed-times.ts'
import { backendsCalled } from '../outage/backend-names.ts'
import { expectedLevel } from '../outage/expected-level.ts'
import type { Experiment, PlannedFault } from './experiment.ts'
import type { Capability, Target } from './target.ts'

/** What a person asks for, in their words; what is left open is decided from the config. Times in milliseconds. */
export interface Wish {
  /** Names of backends, of any of the kinds that `backendsCalled` knows. */
  readonly stop: readonly string[]
  readonly kill: readonly string[]
  readonly pause: readonly string[]
  /** `backend=status` each. */
  readonly answer: readonly string[]
  /** undefined: all that were made to fail. */
  readonly bringBack: readonly string[] | undefined
  readonly failoverWithinMs: number | undefined
  readonly recoverWithinMs: number | undefined
}

type Rest = Omit<Experiment, 'faults' | 'bringBack' | 'failoverWithinMs' | 'recoverWithinMs'>

export interface Plan {
  readonly experiment: Experiment
  /** The connector that the experiment watches. */
  readonly failover: Failover
}

/** The experiment that is meant, with every name resolved against the target. Throws `wrong-use` and `unknown-backend`. */
export function plan(wish: Wish, rest: Rest, graph: Graph, { backends }: Pick<Target, 'backends'>): Plan {
  const named = (word: string) => backendsCalled(word, backends, graph.failovers).map(({ name }) => name)
  const faults = faultsOf(wish, named)
  if (faults.length === 0) {
    const names = backends.map(({ name }) => name).join(', ')
    throw new FailoverctlError(
      'wrong-use',
      'no fault given',
      `Say what fails: --stop, --kill, --pause or --answer. The backends are ${names}.`,
    )
  }
  const failover = watchedConnector(graph, backends, faults)
  const allowed = allowedTimes(graph, failover)
  const experiment = {
    ...rest,
    faults,
    bringBack: wish.bringBack?.flatMap(named) ?? [...new Set(faults.map(({ backend }) => backend))],
    failoverWithinMs: wish.failoverWithinMs ?? allowed.failoverWithinMs,
    recoverWithinMs: wish.recoverWithinMs ?? allowed.recoverWithinMs,
  }
  return { experiment, failover }
}

function faultsOf({ stop, kill, pause, answer }: Wish, named: (word: string) => string[]): PlannedFault[] {
  const each = (kind: Capability, words: readonly string[]) =>
    words.flatMap(word => named(word).map(backend => ({ kind, backend })))
  const answers = answer.flatMap(text => {
    const [, word, status] = /^(.+)=([1-5]\d\d)$/.exec(text) ?? []
    if (word !== undefined) return each('answer', [word]).map(fault => ({ ...fault, status: Number(status) }))
    throw new FailoverctlError('wrong-use', `--answer ${text} is not backend=status`, 'Example: --answer primary=503')
  })
  return [...each('stop', stop), ...each('kill', kill), ...each('pause', pause), ...answers]
}

/** The connector whose levels the faults concern, among those that carry traces: the experiment sends traces. */
function watchedConnector(graph: Graph, backends: Target['backends'], faults: readonly PlannedFault[]): Failover {
  const failed = backends.filter(({ name }) => faults.some(({ backend }) => backend === name))
  const down = new Set(failed.flatMap(({ exporters }) => exporters))
  const concerned = graph.failovers
    .filter(({ sources }) => sources.some(({ signal }) => signal === 'traces'))
    .find(failover => expectedLevel(failover, down) !== 0)
  if (concerned) return concerned
  throw new FailoverctlError(
    'wrong-use',
    'the fault does not touch level 0 of a failover connector that carries traces',
    'Stop a backend of level 0: --stop level0',
  )
}
