import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { lockTarget } from '../deploy/journal.ts'
import { recover } from '../deploy/recover.ts'
import { type DeployResult, exitOf } from '../deploy/result.ts'
import { deployText } from '../formats/deploy-text.ts'
import { json } from '../formats/json.ts'
import { teller } from './deploy.ts'
import { openTarget, optionsOf, type TargetOptions, unfinishedHere } from './deploy-target.ts'

interface RecoverOptions extends TargetOptions {
  readonly timeout: number
  readonly probes: boolean
  readonly json: boolean
  readonly quiet: boolean
}

/** Of the target that is named, or of all that this folder knows. 0 when all of it is as it was before. */
export async function deployRecover(options: RecoverOptions, host: Host): Promise<number> {
  const { terminal } = host
  const tell = options.quiet ? () => {} : teller(host)
  const wanted = options.to === undefined ? (await unfinishedHere(host)).map(optionsOf) : [options]
  const results: DeployResult[] = []
  for (const one of wanted) {
    const target = await openTarget(one, host)
    const unlock = await lockTarget(target, host)
    try {
      const result = await recover(target, { timeoutMs: options.timeout, probes: options.probes }, host, tell)
      if (result) results.push(result)
    } finally {
      await unlock()
    }
  }
  if (options.json) terminal.out(json(results))
  else
    terminal.out(
      results.map(each => deployText(each, painterFor(terminal.colour.out))).join('') || 'Nothing was left half done.\n',
    )
  const exits = results.map(result => (result.outcome === 'rolled back' ? 0 : exitOf(result)))
  return Math.max(0, ...exits)
}
