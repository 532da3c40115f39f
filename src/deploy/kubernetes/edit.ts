import { FailoverctlError } from '../../core/errors.ts'
import type { Kubectl, KubeObject } from '../../platforms/kubectl.ts'

const MOST_TRIES = 8

/**
 * Changes an object as it is now. Its status changes all the time, and its resource version with it: `make` is asked again
 * with the newest one, and answers undefined where nothing is to be done, or throws where somebody else has changed what counts.
 */
export async function edit<T extends KubeObject>(
  kubectl: Kubectl,
  kind: string,
  name: string,
  make: (now: T) => T | undefined,
  options: { readonly dryRun?: boolean } = {},
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const changed = make(await kubectl.get<T>(kind, name))
    if (!changed) return
    try {
      await kubectl.replace(changed, options)
      return
    } catch (error) {
      if (!(error instanceof FailoverctlError) || error.code !== 'conflict' || tries === MOST_TRIES) throw error
    }
  }
}
