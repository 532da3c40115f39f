import type { Address, Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { networkAbilities } from '../../network/abilities.ts'
import { cannotDo } from '../../network/network-fault.ts'
import { namesOf } from './addresses.ts'
import { type ContainerNetwork, placeOf } from './subject.ts'

/** Looks at what can be done to the packets of a container on its own side; changes nothing. `to` is the port that senders use. */
export async function networkOf(
  container: Container,
  to: Address | undefined,
  run: string,
  docker: Docker,
  host: Host,
): Promise<ContainerNetwork> {
  if (!docker.engine.isLocal) return none('its engine is on another machine', run)
  if (!to || to.port === 0) return none('the port that its senders use is not known', run)
  return { to: inside(container, to), run, cannot: cannotDo(await networkAbilities(placeOf(container), host)) }
}

/** A port of the machine that leads into the container has another number in there. */
function inside(container: Container, to: Address): Address {
  if (container.networkMode === 'host' || namesOf(container).has(to.host)) return to
  const published = container.published.find(({ hostPort }) => hostPort === to.port)
  return published ? { ...to, port: published.port } : to
}

/** For a subject whose packets are left alone. */
export const none = (why: string, run: string): ContainerNetwork => ({
  to: undefined,
  run,
  cannot: { partition: why, latency: why, loss: why },
})
