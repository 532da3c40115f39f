import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { perform, type World } from '../inverse.ts'
import type { Prepared } from '../target.ts'

/** So much stays free: the file system needs some for itself while the file is made. */
const MARGIN_BYTES = 64 * 1024

type Tooled = Pick<Host, 'tools'>

/** Why the volume may not be filled; undefined: it may. Throws where it cannot be looked at. */
export async function mayNotFill(volume: string, allowRoot: boolean, world: Tooled): Promise<string | undefined> {
  const mount = (await said(['df', '-P', '--', volume], world)).trim().split('\n').at(-1)?.split(/\s+/).slice(5).join(' ')
  if (mount !== '/' || allowRoot) return undefined
  return `${volume} is on the root file system, which all programs need; --allow-root-volume fills it all the same`
}

/** A file takes all the room that the volume has, for everybody who writes there; taking it away gives the room back. */
export function prepareDiskFull(volume: string, run: string, world: World): Prepared {
  const file = `${volume.replace(/\/+$/, '')}/failoverctl-fills-${run}`
  const inverse = { do: 'run', commands: [['rm', '-f', '--', file]], what: `${file} is removed` } as const
  return {
    inverse,
    async inject() {
      const bytes = await freeBytes(volume, world)
      if (bytes > 0) await said(['fallocate', '-l', String(bytes), '--', file], world)
    },
    undo: async () => void (await perform(inverse, world)),
  }
}

/** What whoever runs this may still use, less the margin: root may also use the blocks that are reserved. */
async function freeBytes(volume: string, world: Tooled): Promise<number> {
  const [free = 0, available = 0, size = 0] = (await said(['stat', '-f', '-c', '%f %a %S', '--', volume], world))
    .split(' ')
    .map(Number)
  const isRoot = (await said(['id', '-u'], world)).trim() === '0'
  return (isRoot ? free : available) * size - MARGIN_BYTES
}

async function said(words: readonly string[], { tools }: Tooled): Promise<string> {
  const { code, out, err } = await tools.run(words)
  if (code === 0) return out
  const why = `${err}${out}`.trim().split('\n')[0]
  throw new FailoverctlError(
    'tool-failed',
    `the volume cannot be filled: ${why}`,
    '`volume` in the project file is a folder on it.',
  )
}
