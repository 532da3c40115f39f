import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CollectorProcess, freePorts } from './collector-process.ts'

/** What is done to a real collector and its backends, and for how long traffic flows. Times in seconds from the start of traffic. */
export interface TraceCase {
  readonly name: string
  readonly what: string
  /** The config, with PRIMARY and SECONDARY in place of addresses, FOLDER for a folder of its own. */
  readonly config: string
  /** `grpc`: the backends are real collectors, too, and are killed and started. */
  readonly wire: 'http' | 'grpc'
  readonly rate: number
  readonly duration: number
  readonly drain: number
  readonly senderTimeout?: number
  readonly events: readonly TraceEvent[]
}

export interface TraceEvent {
  readonly at: number
  readonly until: number
  readonly fault: 'stop' | 'pause' | 'answer' | 'crash'
  readonly target: 'primary' | 'secondary' | 'collector'
  readonly status?: number
}

export interface Trace {
  readonly what: string
  readonly measured_on: string
  readonly config: string
  readonly rate: number
  readonly duration: number
  readonly drain: number
  readonly sender_timeout: number
  /** As they really were. */
  readonly faults: readonly (Omit<TraceEvent, 'at' | 'until'> & { at: number; until: number })[]
  readonly observed: {
    readonly levels: readonly (readonly [at_s: number, level: number])[]
    readonly sent: number
    readonly acknowledged: number
    readonly refused: number
    readonly unknown: number
    readonly delivered: Readonly<Record<string, number>>
    readonly lost: number
    readonly duplicated: number
  }
}

const SCRAPE_MS = 20

interface Sink {
  readonly address: string
  readonly counts: Map<number, number>
  stop(): Promise<void>
  start(): Promise<void>
  pause(): void
  resume(): void
  answer(status: number | undefined): void
  close(): Promise<void>
}

/** Runs one case for real, and writes down what happened. */
export async function recordTrace(binary: string, wanted: TraceCase): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-trace-'))
  const [port, metrics, ...own] = (await freePorts(4)) as [number, number, number, number]
  const made = wanted.wire === 'http' ? httpSink : (name: string, at: number) => collectorSink(binary, folder, name, at)
  const sinks = { primary: await made('primary', own[0]), secondary: await made('secondary', own[1]) }
  const text = wanted.config
    .replaceAll('PRIMARY', sinks.primary.address)
    .replaceAll('SECONDARY', sinks.secondary.address)
    .replaceAll('FOLDER', folder)
  const collector = new CollectorProcess(
    'main',
    binary,
    [
      `yaml:${text}`,
      `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${port}`,
      `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
    ],
    {},
  )
  await collector.start()
  const startedAt = performance.now()
  const now = () => (performance.now() - startedAt) / 1000
  const levels = watchLevels(`http://127.0.0.1:${metrics}/metrics`, now)
  const faults = wanted.events.map(async event => {
    await sleep(Math.max(0, event.at - now()) * 1000)
    const at = await begin(event)
    await sleep(Math.max(0, event.until - now()) * 1000)
    const until = await end(event)
    return { ...event, at: round(at), until: round(until) }
  })
  const begin = async ({ fault, target, status }: TraceEvent): Promise<number> => {
    const at = now()
    if (target === 'collector') collector.signal('SIGKILL')
    else if (fault === 'stop') await sinks[target].stop()
    else if (fault === 'pause') sinks[target].pause()
    else sinks[target].answer(status)
    return at
  }
  const end = async ({ fault, target }: TraceEvent): Promise<number> => {
    if (target === 'collector') {
      const up = accepting(port).then(now)
      await collector.start()
      return up
    }
    if (fault === 'stop') await sinks[target].start()
    else if (fault === 'pause') sinks[target].resume()
    else sinks[target].answer(undefined)
    return now()
  }
  const sender = { timeout: wanted.senderTimeout ?? 10, url: `http://127.0.0.1:${port}/v1/traces` }
  const sent = await send(sender, wanted.rate, wanted.duration, now)
  const really = await Promise.all(faults)
  await sleep(wanted.drain * 1000)
  levels.stop()
  await collector.stop()
  await Promise.all([sinks.primary.close(), sinks.secondary.close()])
  const backup = readLines(join(folder, 'backup.jsonl'))
  rmSync(folder, { recursive: true, force: true })
  const counts = { primary: sinks.primary.counts, secondary: sinks.secondary.counts, ...(backup.size > 0 ? { backup } : {}) }
  return {
    what: wanted.what,
    measured_on: 'core 0.161.0',
    config: wanted.config,
    rate: wanted.rate,
    duration: wanted.duration,
    drain: wanted.drain,
    sender_timeout: sender.timeout,
    faults: really,
    observed: { levels: levels.seen, ...ledgerOf(sent, counts) },
  }
}

/** Resolves when something listens there: a collector takes data before it says that it is ready. */
async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise(resolve => socket.on('connect', () => resolve(true)).on('error', () => resolve(false)))
    socket.destroy()
    if (isOpen) return
    await sleep(5)
  }
}

const round = (seconds: number) => Math.round(seconds * 1000) / 1000

type Answers = Map<number, 'acknowledged' | 'refused' | 'unknown'>

async function send(
  { url, timeout }: { url: string; timeout: number },
  rate: number,
  duration: number,
  now: () => number,
): Promise<Answers> {
  const answers: Answers = new Map()
  const open: Promise<void>[] = []
  for (let number = 1; (number - 1) / rate < duration; number++) {
    const wait = (number - 1) / rate - now()
    if (wait > 0) await sleep(wait * 1000)
    open.push(post(url, number, timeout).then(answer => void answers.set(number, answer)))
  }
  await Promise.all(open)
  return answers
}

async function post(url: string, number: number, timeout: number): Promise<'acknowledged' | 'refused' | 'unknown'> {
  const id = number.toString(16)
  const span = {
    traceId: id.padStart(32, '1'),
    spanId: id.padStart(16, '1'),
    name: `s${number}`,
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  }
  try {
    const signal = AbortSignal.timeout(timeout * 1000)
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(url, {
      method: 'POST',
      headers,
      signal,
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    })
    await reply.arrayBuffer()
    return reply.ok ? 'acknowledged' : 'refused'
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED' ? 'refused' : 'unknown'
  }
}

function ledgerOf(sent: Answers, counts: Readonly<Record<string, Map<number, number>>>): Omit<Trace['observed'], 'levels'> {
  const of = (answer: string) => [...sent.values()].filter(one => one === answer).length
  const arrivals = (number: number) => Object.values(counts).reduce((sum, count) => sum + (count.get(number) ?? 0), 0)
  const numbers = [...sent.keys()]
  return {
    sent: sent.size,
    acknowledged: of('acknowledged'),
    refused: of('refused'),
    unknown: of('unknown'),
    delivered: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count.size])),
    lost: numbers.filter(number => sent.get(number) === 'acknowledged' && arrivals(number) === 0).length,
    duplicated: numbers.reduce((sum, number) => sum + Math.max(0, arrivals(number) - 1), 0),
  }
}

function watchLevels(url: string, now: () => number) {
  const seen: [number, number][] = []
  let stopped = false
  const run = async () => {
    while (!stopped) {
      const at = now()
      const text = await fetch(url, { signal: AbortSignal.timeout(1000) })
        .then(reply => reply.text())
        .catch(() => '')
      const level = /^otelcol_connector_failover_active_level\{[^}]*\} (-?\d+)/m.exec(text)?.[1]
      if (level !== undefined && seen.at(-1)?.[1] !== Number(level)) seen.push([round(at), Number(level)])
      await sleep(SCRAPE_MS)
    }
  }
  void run()
  return { seen, stop: () => void (stopped = true) }
}

/** A backend inside of this process: what comes is counted by the names of the spans. */
async function httpSink(_: string, port: number): Promise<Sink> {
  const counts = new Map<number, number>()
  let status: number | undefined
  let waiting: (() => void)[] | undefined
  const sockets = new Set<import('node:net').Socket>()
  const answer = (text: string, response: ServerResponse) => {
    if (status === undefined) count(text, counts)
    response.writeHead(status ?? 200, { 'content-type': 'application/json' }).end('{}')
  }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', chunk => chunks.push(chunk))
      .on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (waiting) waiting.push(() => answer(text, response))
        else answer(text, response)
      })
  }).on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const start = () => new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  await start()
  return {
    address: `http://127.0.0.1:${port}`,
    counts,
    start,
    stop,
    pause: () => void (waiting = []),
    resume() {
      const late = waiting ?? []
      waiting = undefined
      for (const go of late) go()
    },
    answer: given => void (status = given),
    close: stop,
  }
}

/** A real collector that writes what it gets into a file. */
async function collectorSink(binary: string, folder: string, name: string, port: number): Promise<Sink> {
  const file = join(folder, `${name}-arrivals.jsonl`)
  const config = `{receivers: {otlp: {protocols: {grpc: {endpoint: '127.0.0.1:${port}'}}}}, exporters: {file: {path: ${file}, append: true, flush_interval: 10ms}}, service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [otlp], exporters: [file]}}}}`
  const process = new CollectorProcess(name, binary, [`yaml:${config}`], {})
  await process.start()
  const counts = new Map<number, number>()
  return {
    address: `http://127.0.0.1:${port}`,
    counts,
    start: () => process.start(),
    stop: async () => process.signal('SIGKILL'),
    pause: () => process.signal('SIGSTOP'),
    resume: () => process.signal('SIGCONT'),
    answer: () => {
      throw new Error('a real collector answers as it will')
    },
    async close() {
      await process.stop()
      for (const [number, times] of readLines(file)) counts.set(number, times)
    },
  }
}

function count(text: string, counts: Map<number, number>): void {
  for (const [, number] of text.matchAll(/"name":"s(\d+)"/g)) counts.set(Number(number), (counts.get(Number(number)) ?? 0) + 1)
}

function readLines(file: string): Map<number, number> {
  const counts = new Map<number, number>()
  try {
    count(readFileSync(file, 'utf8'), counts)
  } catch {
    // No such file: nothing arrived in it.
  }
  return counts
}
