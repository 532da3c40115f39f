import { FailoverctlError } from '../../core/errors.ts'
import type { ToolRun, Tools } from '../../core/tools.ts'
import { IN_ENGLISH } from '../inverse.ts'
import { inPlace, type Place, placeName } from './place.ts'

type World = { readonly tools: Pick<Tools, 'run'> }

/** Runs a program in a place to its good end. Throws what `networkProblem` says of any other. */
export async function runThere(place: Place, words: readonly string[], { tools }: World): Promise<string> {
  const ended = await tools.run(inPlace(place, words), IN_ENGLISH)
  if (ended.code === 0) return ended.out
  throw networkProblem(place, words, ended)
}

/** Why a network tool failed, in a person's words. */
export function networkProblem(place: Place, [tool = '']: readonly string[], { code, out, err }: ToolRun): FailoverctlError {
  const said = `${err}${out}`
  const where = placeName(place)
  const known = PROBLEMS.find(({ said: pattern }) => pattern.test(said))
  if (known) return known.make(tool, where)
  const first = said.trim().split('\n')[0] ?? ''
  return new FailoverctlError('tool-failed', `${tool} in ${where} ended with ${code ?? 'no code'}: ${first}`)
}

interface Problem {
  readonly said: RegExp
  make(tool: string, where: string): FailoverctlError
}

const PROBLEMS: readonly Problem[] = [
  {
    said: /Cannot open network namespace/,
    make: (_, where) =>
      new FailoverctlError('no-such-object', `there is not ${where}`, 'Those that there are: ip netns list. `netns` names it.'),
  },
  {
    said: /\/ns\/net: No such file/,
    make: (_, where) => new FailoverctlError('no-process', `${where} is not there: the process has ended`, 'Start it first.'),
  },
  {
    said: /must be root|Operation not permitted|Permission denied|CAP_NET_ADMIN/i,
    make: (tool, where) =>
      new FailoverctlError(
        'no-access',
        `${tool} may not change ${where}: it needs root, or CAP_NET_ADMIN (and CAP_SYS_ADMIN for another namespace)`,
        'Run failoverctl as root, or leave the network faults out.',
      ),
  },
  {
    said: /Specified qdisc kind is unknown|Unknown qdisc|qdisc .*not found|sch_netem/i,
    make: () =>
      new FailoverctlError(
        'not-embedded',
        'this kernel has no sch_netem, or no sch_prio: it can make no latency and no loss',
        'Load the modules sch_netem and sch_prio, or put the fault proxy in between: `proxy` in the project file.',
      ),
  },
  {
    said: /Couldn't load match|Extension comment/,
    make: tool =>
      new FailoverctlError(
        'not-embedded',
        `${tool} cannot mark its rules: the kernel has no xt_comment`,
        'Load the module xt_comment.',
      ),
  },
]
