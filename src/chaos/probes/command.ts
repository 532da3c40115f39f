import { maskSecrets } from '../../core/mask.ts'
import { unitOf } from '../../experiment/tolerance.ts'
import type { MakeProbe } from './probe.ts'

/** A program's exit code, or what it prints where text, `regex` or `jsonpath` is expected. */
export const command: MakeProbe = ({ settings, tolerance, timeoutMs }, { host }) => {
  const { run = [] } = settings
  const asText = unitOf(tolerance) === 'text'
  // Arguments may be secrets in any form: only the program is shown.
  const shown = maskSecrets(run[0] ?? '')
  return {
    about: asText ? `output of ${shown}` : `exit code of ${shown}`,
    evidence: shown,
    async look(_, signal) {
      const { code, out, timedOut } = await host.tools.run(run, { timeoutMs, signal })
      if (timedOut || code === undefined) return { failed: `${shown} did not end in time` }
      if (!asText) return { found: code }
      return code === 0 ? { found: out } : { failed: `${shown} ended with ${code}` }
    },
  }
}
