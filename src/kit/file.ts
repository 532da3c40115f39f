import { agentConfig } from './agent.ts'
import { gatewayConfig } from './gateway.ts'
import { hasAgents, type KitFile, type KitWish } from './wish.ts'

/** Configs alone, for collectors that are started by something else. */
export const plainFiles = (wish: KitWish): KitFile[] => [
  { path: 'gateway.yaml', text: gatewayConfig(wish) },
  ...(hasAgents(wish.shape) ? [{ path: 'agent.yaml', text: agentConfig(wish, `http://${wish.name}:4318`) }] : []),
]
