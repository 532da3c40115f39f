import { agentConfig } from './agent.ts'
import { gatewayConfig } from './gateway.ts'
import { hasAgents, type KitFile, type KitWish } from './wish.ts'

/** A Compose file, and the configs that it mounts. */
export function composeFiles(wish: KitWish): KitFile[] {
  const gateway = { path: 'gateway.yaml', text: gatewayConfig(wish) }
  const agent = { path: 'agent.yaml', text: agentConfig(wish, `http://${wish.name}:4318`) }
  return [{ path: 'compose.yaml', text: composeText(wish) }, gateway, ...(hasAgents(wish.shape) ? [agent] : [])]
}

function composeText(wish: KitWish): string {
  const { name, shape } = wish
  const agent = `${name}-agent`
  return `# failoverctl chaos --target compose --compose compose.yaml --stop level0 --config gateway.yaml
services: #! the containers
${service(wish, name, 'gateway.yaml', hasAgents(shape) ? [] : ['4317:4317', '4318:4318'], '8888:8888')}${
  hasAgents(shape) ? service(wish, agent, 'agent.yaml', ['4317:4317', '4318:4318'], '8889:8888') : ''
}
volumes: #! outlive the containers: queues and backups are on them
  ${name}-data: {}
${hasAgents(shape) ? `  ${agent}-data: {}\n` : ''}`
}

const service = (wish: KitWish, name: string, config: string, ports: readonly string[], metrics: string): string => `  ${name}:
    image: otel/opentelemetry-collector-contrib:${wish.version} #! a release, never latest: what a config means differs between releases
    command: [--config=/etc/otelcol/config.yaml]
    restart: unless-stopped #! a collector that was killed for want of memory comes back, and goes on with its queue
    stop_grace_period: 60s #! time to hand over what is under way
    user: "0" #! the named volume belongs to root; give it to 10001 and drop this line where you can
    mem_limit: 1g #! memory_limiter takes its percentages from it
    ports: [${[...ports, metrics].map(port => `"${port}"`).join(', ')}] #! ${ports.length > 0 ? 'OTLP for applications, and ' : ''}the collector's own metrics
    volumes:
      - ./${config}:/etc/otelcol/config.yaml:ro
      - ${name}-data:/var/lib/otelcol
`
