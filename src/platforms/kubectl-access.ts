import { FailoverctlError } from '../core/errors.ts'
import type { Kubectl } from './kubectl.ts'

/** A verb on a resource, and on which object of it where that is known. */
export type Need = readonly [verb: string, resource: string, name?: string | undefined]

/** Refuses before anything is done: which verb on which resource is missing. Throws `no-access`. */
export async function checkAccess(kubectl: Kubectl, needs: readonly Need[]): Promise<void> {
  const answers = await Promise.all(needs.map(async need => ({ need, may: await kubectl.canI(...need) })))
  const missing = answers
    .filter(({ may }) => !may)
    .map(({ need: [verb, resource, name] }) => `${verb} ${resource}${name === undefined ? '' : ` ${name}`}`)
  if (missing.length === 0) return
  throw new FailoverctlError(
    'no-access',
    `missing rights in namespace ${await kubectl.namespace()}: ${missing.join(', ')}; nothing was changed`,
    'Give the role these verbs on these resources, or name another --context.',
  )
}
