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
  return `# docker compose up -d; then failoverctl status --compose compose.yaml
services: #! the containers
${service(wish, name, 'gateway.yaml', hasAgents(shape) ? [] : OTLP, 0)}${
  hasAgents(shape) ? service(wish, agent, 'agent.yaml', OTLP, 1) : ''
}
volumes: #! outlive the containers: queues and backups are on them
  ${name}-data: {}
${hasAgents(shape) ? `  ${agent}-data: {}\n` : ''}`
}

const OTLP = ['4317:4317', '4318:4318']

/** `shift` is added to the ports of metrics and health on this machine: two collectors have both. */
const service = (wish: KitWish, name: string, config: string, otlp: readonly string[], shift: number): string => `  ${name}:
    image: otel/opentelemetry-collector-contrib:${wish.version} #! a release, never latest: what a config means differs between releases
    command: [--config=/etc/otelcol/config.yaml]
    restart: unless-stopped #! a collector that was killed for want of memory comes back, and goes on with its queue
    stop_grace_period: 60s #! time to hand over what is under way
    user: "0" #! the named volume belongs to root; all privileges of root are dropped below
    cap_drop: [ALL] #! ports above 1024 need none; the config has to be readable for all
    security_opt: [no-new-privileges:true]
    read_only: true #! it writes to its volume only
    mem_limit: 1g #! memory_limiter takes its percentages from it
    environment:
      GOMEMLIMIT: 819MiB #! the garbage collector works harder before the kernel ends the process
    logging: #! an outage writes a line for every failure: the log must not fill the disk that the backup needs
      driver: json-file
      options: { max-size: 10m, max-file: "3" }
    ports: #! on this machine only: a published port passes by its firewall; drop 127.0.0.1 where senders are on other machines
${[...otlp, `${8888 + shift}:8888`, `${13133 + shift}:13133`].map(port => `      - "127.0.0.1:${port}"\n`).join('')}    volumes:
      - ./${config}:/etc/otelcol/config.yaml:ro
      - ${name}-data:/var/lib/otelcol
`
