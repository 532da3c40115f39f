import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { maskSecrets } from '../core/mask.ts'

const USUAL = ['otelcol-contrib', 'otelcol']
/** What another distribution says of a component that it lacks: no word about the config. */
const OTHER_PARTS = /unknown type: /

/**
 * Lets a collector load the config, as it does when it starts. One that is named must take it; one that happens to be in PATH
 * may be of another distribution. Resolves with what a person should know.
 */
export async function validateWithCollector(
  file: string,
  named: string | undefined,
  { tools }: Pick<Host, 'tools'>,
): Promise<string[]> {
  for (const program of named === undefined ? USUAL : [named]) {
    const run = await tools.run([program, 'validate', `--config=${file}`], { timeoutMs: 30_000 }).catch(error => {
      if (named === undefined && error instanceof FailoverctlError && error.code === 'no-such-tool') return undefined
      throw error
    })
    if (!run) continue
    if (run.code === 0) return []
    const said = maskSecrets((run.err || run.out).trim().split('\n').slice(-6).join('\n'))
    if (named === undefined && OTHER_PARTS.test(said))
      return [`${program} of PATH lacks components of this config and could not check it`]
    throw new FailoverctlError('refused-config', `${program} validate refuses ${file}; nothing was changed:\n${said}`)
  }
  return []
}
