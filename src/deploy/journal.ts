import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { isAlive } from '../core/processes.ts'
import { isLostConnection } from '../platforms/kubectl-errors.ts'
import { type Attempt, type DeployRecord, type Holder, hashOf, type Revision } from './record.ts'
import { FOLDER } from './store.ts'
import type { DeployTarget } from './target.ts'

/** Only one tool at a time works on a target from this folder. Throws `locked`. */
export async function lockTarget(
  { slug }: Pick<DeployTarget, 'slug'>,
  { disk }: Pick<Host, 'disk'>,
): Promise<() => Promise<void>> {
  await disk.secretFolder(FOLDER)
  return disk.lock(`${FOLDER}/${slug}.lock`, 'another deployment to this target')
}

export const holderOf = async ({ processes, env }: Pick<Host, 'processes' | 'env'>): Promise<Holder> => ({
  ...(await processes.self()),
  host: processes.machine,
  user: env.USER ?? env.LOGNAME ?? 'somebody',
})

/** Whoever holds an attempt writes at least so often; one that is silent for twice that is gone. */
const BEAT_MS = 5000
const SILENT_MS = 12_000

/** The record of one attempt: what is to be undone is in it before it is done. */
export class Journal {
  #target: DeployTarget
  #record: DeployRecord
  #host: Pick<Host, 'clock'>
  #writtenAt = 0

  constructor(target: DeployTarget, record: DeployRecord, host: Pick<Host, 'clock'>) {
    this.#target = target
    this.#record = record
    this.#host = host
  }

  /** Takes the target for this attempt. Throws `locked` when somebody else was quicker. */
  async begin(attempt: Attempt): Promise<void> {
    const found = await foundBefore(attempt, this.#record)
    await this.#write({ ...this.#record, attempt, history: [...found, ...this.#record.history] })
  }

  /** Takes over what another process left. */
  adopt = (by: Holder): Promise<void> => this.#update({ by, phase: 'recover', givenUp: false })

  /** Leaves it to `deploy recover`; where even that cannot be written, the others hear it from the silence. */
  giveUp = (): Promise<void> => this.#update({ givenUp: true }).catch(() => {})

  phase = (phase: string): Promise<void> => this.#update({ phase })

  /** Says that this process lives, when it has not said so for a while. A lost connection is told by what comes next. */
  async beat(): Promise<void> {
    if (this.#host.clock.now() - this.#writtenAt < BEAT_MS) return
    await this.#update({}).catch(error => {
      if (!isLostConnection(error)) throw error
    })
  }

  /** The attempt is over, and the target free. */
  async end(end: Revision['end'], config: string | undefined, reason?: string): Promise<void> {
    const { attempt, ...rest } = this.#record
    if (!attempt) return
    const { id, at, by, hash } = attempt
    const revision: Revision = { id, at, by: `${by.user}@${by.host}`, hash, end, config, reason }
    await this.#write({ ...rest, history: [revision, ...rest.history] })
  }

  async #update(change: Partial<Attempt>): Promise<void> {
    const { attempt } = this.#record
    if (attempt) await this.#write({ ...this.#record, attempt: { ...attempt, ...change, beat: attempt.beat + 1 } })
  }

  async #write(record: DeployRecord): Promise<void> {
    this.#writtenAt = this.#host.clock.now()
    await this.#target.store.write(record)
    this.#record = record
  }
}

// What ran before is worth going back to as well, and somebody may have changed it by hand since the last time.
async function foundBefore({ backup, at, id }: Attempt, { history }: DeployRecord): Promise<Revision[]> {
  const hash = await hashOf(backup.config)
  if (history.find(({ end }) => end === 'deployed' || end === 'found')?.hash === hash) return []
  return [{ id: `${id}-before`, at, by: 'unknown', hash, end: 'found', config: backup.config }]
}

/** Throws `locked` where somebody works on the target, `left-over` where somebody who is gone left it half done. */
export async function refuseUnfinished(target: DeployTarget, { attempt }: DeployRecord, host: Host): Promise<void> {
  if (!attempt) return
  const who = `${attempt.by.user}@${attempt.by.host}`
  if (await isWorkedOn(target, attempt, host))
    throw new FailoverctlError(
      'locked',
      `${who} deploys to ${target.name} since ${attempt.at} (${attempt.phase})`,
      'Wait until it is done.',
    )
  throw new FailoverctlError(
    'left-over',
    `a deployment of ${who} to ${target.name} stopped in the middle (${attempt.at}, ${attempt.phase})`,
    `Finish it first: failoverctl deploy recover --to ${target.address.to}`,
  )
}

/** On this machine the process tells; of another, only whether it still counts, whatever its clock says. */
export async function isWorkedOn(target: DeployTarget, attempt: Attempt, host: Host): Promise<boolean> {
  if (attempt.givenUp) return false
  const own = await holderOf(host)
  if (attempt.by.host === own.host) return isAlive(attempt.by, host.processes)
  host.terminal.err(`Waiting ${SILENT_MS / 1000}s: does ${attempt.by.user}@${attempt.by.host} still work on ${target.name}?\n`)
  await sleep(host.clock, SILENT_MS, host.interrupted)
  const now = (await target.store.read()).attempt
  return now !== undefined && (now.id !== attempt.id || now.beat !== attempt.beat)
}
