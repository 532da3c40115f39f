import { Command } from 'commander'
import { recover } from '../chaos/recover.ts'
import type { Host } from '../core/host.ts'
import { json } from '../formats/json.ts'
import { recoverText } from '../formats/recover-text.ts'
import { jsonOption } from './flags.ts'

// Flags end here …
export const recoverCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('recover')
    .description('Take back the faults that an experiment left when it was killed (.failoverctl/undo.jsonl).')
    .addOption(jsonOption())
    .action(async (options: { readonly json: boolean }) => done(await chaosRecover(options, host)))

// … and work begins here: plain values in, an exit code out.
export async function chaosRecover(options: { readonly json: boolean }, host: Host): Promise<number> {
  const found = await recover(host)
  host.terminal.out(options.json ? json(found) : recoverText(found))
  return found.every(({ result }) => result === 'undone') ? 0 : 1
}
