import { FailoverctlError } from '../../core/errors.ts'
import type { ProcessId } from '../../core/processes.ts'
import { type Inverse, perform, type World } from '../inverse.ts'
import type { Prepared } from '../target.ts'

export interface ConfigChange {
  /** What the process reads, and what it is to read for a while. */
  readonly config: string
  readonly changed: string
  readonly run: string
  readonly process: ProcessId
  /** How the process is started again should the new config end it. */
  readonly start: Inverse & { readonly do: 'start' | 'run' }
}

/**
 * A config is rolled out, and back: the old one stays beside the new one, which takes its place at once and with its rights, and the
 * process is told by SIGHUP. A collector that cannot read it ends; then it is started again with the old one.
 */
export async function prepareConfigChange(
  { config, changed, run, process, start }: ConfigChange,
  world: World,
): Promise<Prepared> {
  for (const path of [config, changed]) await world.files.read(path)
  const [kept, draft] = [`${config}.failoverctl-${run}`, `${config}.failoverctl-${run}.new`]
  const back: Inverse = {
    do: 'run',
    commands: [
      ['rm', '-f', '--', draft],
      ['mv', '-f', '--', kept, config],
    ],
    // Without the old one beside it, the config was never changed, or is back already.
    unlessSaid: [`cannot stat '${kept}'`, `can't rename '${kept}'`, `cannot stat ${kept}`],
    what: `${config} is as before`,
  }
  const inverse: Inverse = { do: 'each', of: [back, { do: 'reload', process, start }] }
  return {
    inverse,
    async inject() {
      const steps = [
        ['cp', '-Pp', '--', config, kept],
        ['cp', '-p', '--', config, draft],
        // Into a file that is there: its owner and rights stay.
        ['cp', '--', changed, draft],
        ['mv', '-f', '--', draft, config],
      ]
      for (const words of steps) await mustRun(words, world)
      if (await world.processes.signal(process, 'SIGHUP')) return
      throw new FailoverctlError('no-process', `process ${process.pid} is gone, which was to read ${config} anew`)
    },
    undo: async () => void (await perform(inverse, world)),
  }
}

async function mustRun(words: readonly string[], { tools }: World): Promise<void> {
  const { code, err } = await tools.run(words)
  if (code !== 0) throw new FailoverctlError('unwritable', `the config cannot be changed: ${err.trim().split('\n')[0]}`)
}
