import { join } from 'node:path'
import { simplify } from './choices.ts'
import { configOf, judgeByCollector, judgeByValidate, type Verdict, writeConfigs } from './judges.ts'

/**
 * What a collector's `validate` lets through and its start does not, by rule: test/differential/start-failures.test.ts
 * starts a collector for each.
 */
export const ONLY_AT_START: ReadonlySet<string> = new Set(['storage-not-enabled', 'auth-not-enabled', 'port-used-twice'])

/** Refusals that depend on the machine and not on the config: `validate` says nothing about them, or has a note. */
const DEPENDS_ON_MACHINE =
  /directory must exist|named pipe path|no such file or directory|failed to read (?:the )?(?:CA|TLS)|failed to load TLS/i

export interface Disagreement {
  readonly texts: readonly string[]
  readonly collector: Verdict
  readonly validate: Verdict
}

export interface Tally {
  readonly tried: number
  readonly accepted: number
  readonly refused: number
  /** Left out: the machine decides, not the config. */
  readonly skipped: number
  readonly disagreements: readonly { readonly tape: readonly number[]; readonly found: Disagreement }[]
}

export function disagree(collector: Verdict, validate: Verdict): boolean {
  const early = validate.rules.some(rule => !ONLY_AT_START.has(rule))
  return collector.refused ? !validate.refused : early
}

/** The test collector has few component types: one that it does not know is no mistake of the config. */
const UNKNOWN_TYPE = /unknown type: /

/** Where a variable is not set here, a collector that needs it refuses what it may take on its own machine. */
const isLeftOut = (collector: Verdict, validate: Verdict) =>
  collector.refused &&
  (validate.unsure || [DEPENDS_ON_MACHINE, UNKNOWN_TYPE].some(reason => reason.test(collector.reasons.join('\n'))))

/** Lets both judge the config of every tape, `width` collectors at a time. */
export async function compareAll(
  tapes: readonly (readonly number[])[],
  { binary, folder, width = 4, most = 10 }: { binary: string; folder: string; width?: number; most?: number },
): Promise<Tally> {
  const tally = { tried: 0, accepted: 0, refused: 0, skipped: 0, disagreements: [] as Tally['disagreements'][number][] }
  let next = 0
  async function work(worker: number): Promise<void> {
    const own = join(folder, String(worker))
    for (let tape = tapes[next++]; tape && tally.disagreements.length < most; tape = tapes[next++]) {
      const found = await judge(tape, own)
      tally.tried++
      if (isLeftOut(found.collector, found.validate)) tally.skipped++
      else tally[found.collector.refused ? 'refused' : 'accepted']++
      if (isWrong(found)) tally.disagreements.push(await smallest(tape, own))
    }
  }
  async function judge(tape: readonly number[], own: string): Promise<Disagreement> {
    const texts = configOf(tape, folder)
    const files = await writeConfigs(texts, own)
    const [collector, validate] = await Promise.all([judgeByCollector(binary, files), judgeByValidate(files)])
    return { texts, collector, validate }
  }
  async function smallest(tape: readonly number[], own: string) {
    const simple = await simplify(tape, async candidate => isWrong(await judge(candidate, own)))
    return { tape: simple, found: await judge(simple, own) }
  }
  await Promise.all(Array.from({ length: width }, (_, worker) => work(worker)))
  return tally
}

const isWrong = ({ collector, validate }: Disagreement) => !isLeftOut(collector, validate) && disagree(collector, validate)

export function tell({ texts, collector, validate }: Disagreement): string {
  const say = ({ refused, reasons }: Verdict) => `${refused ? 'refuses' : 'accepts'}\n  ${reasons.join('\n  ')}`
  return `${texts.join('\n--- the next file ---\n')}\ncollector ${say(collector)}\nvalidate ${say(validate)}\n`
}
