import type { Command, CommanderError } from 'commander'
import { expectManyListeners, forgiveClosedPipes, leaveWith } from '../adapters/process.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { VERSION } from '../core/version.ts'

type MakeCommand = (host: Host, done: (exit: number) => void) => Command

/** A subcommand is loaded when it is named: `--version` and `validate` must not pay for an HTTP client. */
const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<MakeCommand> }>> = {
  validate: {
    summary: 'find failover that never happens, and data that gets lost, in a collector config',
    load: async () => (await import('../commands/validate.ts')).validateCommand,
  },
  explain: {
    summary: 'say what a rule of validate wants, and why',
    load: async () => (await import('../commands/explain.ts')).explainCommand,
  },
  rules: {
    summary: 'list what validate can find',
    load: async () => (await import('../commands/rules.ts')).rulesCommand,
  },
  schema: {
    summary: 'print the JSON Schema of collector configs, for editors',
    load: async () => (await import('../commands/schema.ts')).schemaCommand,
  },
  graph: {
    summary: 'draw the paths through a collector as text, Mermaid or SVG',
    load: async () => (await import('../commands/graph.ts')).graphCommand,
  },
  simulate: {
    summary: 'compute what a config does in an outage, without running anything',
    load: async () => (await import('../commands/simulate.ts')).simulateCommand,
  },
  compare: {
    summary: 'compute the same outage on several configs, side by side',
    load: async () => (await import('../commands/compare.ts')).compareCommand,
  },
  chaos: {
    summary: 'stop a backend for real, watch the failover, count what was lost',
    load: async () => (await import('../commands/chaos.ts')).chaosCommand,
  },
  report: {
    summary: 'tell a run of chaos again from its journal, or several runs together',
    load: async () => (await import('../commands/report.ts')).reportCommand,
  },
  status: {
    summary: 'say what collectors are doing: levels, exporters, queues, health; for CI and cron, too',
    load: async () => (await import('../commands/status.ts')).statusCommand,
  },
  watch: {
    summary: 'watch collectors live: levels over time, traffic, queues; serve the level as a metric',
    load: async () => (await import('../commands/watch-live.ts')).watchCommand,
  },
  alerts: {
    summary: 'write Prometheus alert rules for a config, and their unit tests',
    load: async () => (await import('../commands/alerts.ts')).alertsCommand,
  },
  replay: {
    summary: 'send what a backup caught to a backend, and lose nothing on the way',
    load: async () => (await import('../commands/replay.ts')).replayCommand,
  },
  send: {
    summary: 'send synthetic OTLP and know what became of every span',
    load: async () => (await import('../commands/send.ts')).sendCommand,
  },
  sink: {
    summary: 'receive OTLP, count it, say what is missing, and misbehave on request',
    load: async () => (await import('../commands/sink.ts')).sinkCommand,
  },
  proxy: {
    summary: 'put failover in front of backends: OTLP over HTTP and gRPC, and plain HTTP',
    load: async () => (await import('../commands/proxy.ts')).proxyCommand,
  },
  init: {
    summary: 'write a set-up that fails over: configs, manifests, alerts, experiments, a CI workflow',
    load: async () => (await import('../commands/init.ts')).initCommand,
  },
  deploy: {
    summary: 'make collectors run another config, or end in the old one',
    load: async () => (await import('../commands/deploy.ts')).deployCommand,
  },
  rollback: {
    summary: 'deploy the config that ran before',
    load: async () => (await import('../commands/rollback.ts')).rollbackCommand,
  },
  history: {
    summary: 'list what was deployed to a target, and how it ended',
    load: async () => (await import('../commands/history.ts')).historyCommand,
  },
  lab: {
    summary: 'run a config on embedded collectors until Ctrl-C',
    load: async () => (await import('../commands/lab.ts')).labCommand,
  },
}

/** The door of the executable. */
export async function run(argv: readonly string[]): Promise<void> {
  forgiveClosedPipes()
  expectManyListeners()
  const { realHost } = await import('./host.ts')
  const host = realHost()
  leaveWith(await main(argv, host))
  await Promise.all([host.network.close(), host.threads.close()])
}

/** The whole tool: arguments in, exit code out. Prints only through the host, and never throws. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    host.terminal.out(`${VERSION}\n`)
    return 0
  }
  try {
    return await dispatch(argv, host)
  } catch (error) {
    return explain(error, host)
  }
}

async function dispatch(argv: readonly string[], host: Host): Promise<number> {
  const { Command } = await import('commander')
  const { settle } = await import('../commands/project.ts')
  let exit = 0
  const program = new Command('failoverctl')
    .description('Know that your telemetry failover works before the outage does.')
    .version(VERSION)
    // What stands after the name of a subcommand is its own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: host.terminal.out, writeErr: host.terminal.err })
    .showSuggestionAfterError()
    .showHelpAfterError('Run it with --help to see what it takes.')
    .hook('preAction', (_, command) => settle(command, host))
  const named = argv.find(word => !word.startsWith('-'))
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    // addCommand does not pass on how to exit and where to write.
    if (name === named) {
      const make = await load()
      const made = make(host, code => (exit = code))
        .copyInheritedSettings(program)
        .summary(summary)
      for (const below of made.commands) below.copyInheritedSettings(made)
      program.addCommand(made)
    } else program.command(name).description(summary)
  }
  program.addHelpText('after', HELP)
  if (argv.length === 0) program.help({ error: true })
  await program.parseAsync(argv as string[], { from: 'user' })
  return exit
}

const HELP = `
Exit codes: 0 nothing wrong, 1 something was found, 2 wrong use, 3 input cannot be read,
4 target missing, 70 a bug, 130 interrupted after undoing.

Start with:  failoverctl validate config.yaml
             failoverctl chaos --stop primary --config config.yaml`

function explain(error: unknown, { terminal, env }: Host): number {
  if (error instanceof FailoverctlError) {
    terminal.err(error.report)
    return error.exit
  }
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  terminal.err(
    `failoverctl: a bug: ${message}\n${env.FAILOVERCTL_DEBUG ? `${stack}\n` : 'Set FAILOVERCTL_DEBUG=1 to see where, and please report it.\n'}`,
  )
  return 70
}

// By its code, so that commander need not be loaded to ask.
const isCommanderError = (error: unknown): error is CommanderError =>
  error instanceof Error && 'exitCode' in error && String((error as CommanderError).code).startsWith('commander.')
