import { FailoverctlError } from '../../core/errors.ts'
import type { Tools } from '../../core/tools.ts'
import { IN_ENGLISH } from '../inverse.ts'
import { isNoSuchRule, rehearsal } from './partition.ts'
import type { Place } from './place.ts'
import { inPlace } from './place.ts'
import { networkProblem } from './run-there.ts'
import { shapeLines } from './shaping.ts'

type World = { readonly tools: Pick<Tools, 'run'> }

/** The faults that a network tool makes, each with why it cannot be made in a place; undefined: it can. */
export interface NetworkAbilities {
  readonly partition: string | undefined
  /** Latency and loss. */
  readonly shaping: string | undefined
}

/** Looks and rehearses, and changes nothing. Throws where the place itself is not there: the settings are wrong then. */
export async function networkAbilities(place: Place, world: World): Promise<NetworkAbilities> {
  const [partition, shaping] = await Promise.all([canPartition(place, world), canShape(place, world)])
  return { partition, shaping }
}

async function canPartition(place: Place, { tools }: World): Promise<string | undefined> {
  for (const tool of ['iptables', 'ip6tables'] as const) {
    const words = rehearsal(tool)
    const why = await reason(async () => {
      const ended = await tools.run(inPlace(place, words), IN_ENGLISH)
      if (ended.code !== 0 && !isNoSuchRule(`${ended.err}${ended.out}`)) throw networkProblem(place, words, ended)
    })
    if (why) return why
  }
  return undefined
}

const NOWHERE = { place: { in: 'host' }, side: 'remote', addresses: ['127.0.0.1'], port: 9 } as const

/** In a network of its own, which ends with tc: what works there works in any of this kernel. */
async function canShape(place: Place, { tools }: World): Promise<string | undefined> {
  const lines = shapeLines(NOWHERE, 'lo', { delayMs: 1, lossShare: 0.5 })
  const input = `${lines.map(line => line.join(' ')).join('\n')}\n`
  return reason(async () => {
    const ended = await tools.run(['unshare', '--net', 'tc', '-batch', '-'], { input, ...IN_ENGLISH })
    if (ended.code !== 0) throw networkProblem(place, ['tc'], ended)
  })
}

/** The places that are not there are for the person to correct, whatever the faults. */
const WRONG_PLACE = new Set(['no-such-object', 'no-process'])

async function reason(look: () => Promise<void>): Promise<string | undefined> {
  try {
    await look()
    return undefined
  } catch (error) {
    if (!(error instanceof FailoverctlError) || WRONG_PLACE.has(error.code)) throw error
    return error.message
  }
}
