import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Target, TargetBackend } from '../../src/chaos/target.ts'
import type { Host } from '../../src/core/host.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'
import { readItems } from '../../src/otlp/encodings.ts'
import { Tally } from '../../src/sink/tally.ts'
import { CollectorProcess, freePorts } from './collector-process.ts'

const poc = (name: string): string => fileURLToPath(new URL(`../../fixtures/poc/${name}.yaml`, import.meta.url))

export interface Options {
  readonly binary: string
  readonly run: string
  readonly host: Host
  /** Further configs of the main collector, merged over its own: `yaml:` texts. */
  readonly overrides?: readonly string[]
  readonly env?: Record<string, string>
}

/** The proof of concept as three real collectors; the backends' file exporters are the witnesses. */
export async function pocTarget({ binary, run, host, overrides = [], env = {} }: Options): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-poc-'))
  const [grpc, http, metrics, primary, secondary] = (await freePorts(5)) as [number, number, number, number, number]
  const ports = [
    `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
    `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${http}`,
    `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
  ]
  const backends = [backend('primary', primary), backend('secondary', secondary)]
  const collector = new CollectorProcess('main', binary, [poc('main'), ...overrides, ...ports], {
    PRIMARY_ENDPOINT: `127.0.0.1:${primary}`,
    SECONDARY_ENDPOINT: `127.0.0.1:${secondary}`,
    ...env,
  })
  const close = async () => {
    await Promise.all([collector.stop(), ...backends.map(({ process }) => process.stop())])
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    // The backends first: a gRPC client that meets a closed port backs off for a second, and the steady state would begin at level -1.
    await Promise.all(backends.map(({ process }) => process.start()))
    await collector.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    name: 'three real collectors',
    backends: backends.map(({ target }) => target),
    trafficUrl: `http://127.0.0.1:${http}`,
    trafficOver: 'http',
    notes: [],
    async scrape() {
      const reply = await host.network.request({ method: 'GET', url: `http://127.0.0.1:${metrics}/metrics`, timeoutMs: 2000 })
      return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
    },
    close,
  }

  function backend(name: string, port: number) {
    const file = join(folder, `${name}.jsonl`)
    const process = new CollectorProcess(name, binary, [poc(name)], { LISTEN: `127.0.0.1:${port}`, ARRIVALS: file })
    let [markedFrom, firstSeenAt]: [number, number | undefined] = [Number.POSITIVE_INFINITY, undefined]
    const witness = () => {
      const tally = new Tally()
      for (const line of read(file)) {
        tally.record('traces', readItems({ signal: 'traces', encoding: 'json', body: Buffer.from(line) }))
      }
      return tally.of(run).traces
    }
    const target: TargetBackend = {
      name,
      exporters: [`otlp/${name}`],
      can: new Set(['stop', 'pause']),
      prepare: async deed =>
        deed === 'stop'
          ? { inject: () => process.stop(), undo: () => process.start() }
          : { inject: async () => process.signal('SIGSTOP'), undo: async () => process.signal('SIGCONT') },
      mark(fromSequence) {
        markedFrom = fromSequence
        firstSeenAt = undefined
      },
      // The file is written once a second: the time is late by up to so much.
      firstArrival() {
        if (firstSeenAt === undefined && witness().seen.highest >= markedFrom) firstSeenAt = host.clock.now()
        return firstSeenAt
      },
      witness: async () => witness(),
    }
    return { process, target }
  }
}

/** Whole lines only: the last one may still be on its way. */
function read(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}
