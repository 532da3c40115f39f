import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import type { PlannedFault } from '../experiment.ts'
import { prepareConfigChange } from '../machine/config-change.ts'
import { mayNotFill, prepareDiskFull } from '../machine/disk-full.ts'
import type { Deed, Prepared, Subject } from '../target.ts'
import type { Allowed, CollectorProcess } from './process-settings.ts'
import { Program } from './program.ts'

/** The collector under test as a process that can be made to fail. Throws where it is not as described. */
export async function processCollector(
  described: CollectorProcess,
  listens: Address,
  run: string,
  allowed: Allowed | undefined,
  host: Host,
): Promise<Subject> {
  const program = new Program('collector', described, listens, host)
  await program.running()
  const { config, volume } = described
  const full = volume ? await mayNotFill(volume, allowed?.rootVolume ?? false, host) : 'the project file names no `volume` of it'
  const cannot: Partial<Record<Deed, string>> = {
    ...(full && { 'disk-full': full }),
    ...(!config && { config: 'the project file does not say what `config` it reads' }),
  }
  const deeds: readonly Deed[] = ['stop', 'kill', 'pause', 'disk-full', 'config']
  return {
    name: 'collector',
    can: new Set(deeds.filter(deed => cannot[deed] === undefined)),
    cannot,
    async prepare(deed: Deed, { file }: PlannedFault): Promise<Prepared> {
      if (deed === 'stop' || deed === 'kill' || deed === 'pause') return program.prepare(deed)
      if (deed === 'disk-full' && volume) return prepareDiskFull(volume, run, host)
      if (deed === 'config' && config && file) {
        const process = await program.running()
        return prepareConfigChange({ config, changed: file, run, process, start: await program.startsAgain(process) }, host)
      }
      throw new FailoverctlError('not-embedded', `the collector cannot ${deed}`)
    },
  }
}
