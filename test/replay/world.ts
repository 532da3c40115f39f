import type { Clock } from '../../src/core/clock.ts'
import type { HttpReply, HttpRequest } from '../../src/core/host.ts'
import { type Random, seeded } from '../../src/core/random.ts'
import type { TranscodeJob } from '../../src/core/threads.ts'
import { plainDestination } from '../../src/otlp/destination.ts'
import { transcoded } from '../../src/otlp/transcode.ts'
import type { Backend } from '../../src/replay/backends.ts'
import { Checkpoint } from '../../src/replay/checkpoint.ts'
import { findBackups } from '../../src/replay/find.ts'
import { type ReplaySettings, replay } from '../../src/replay/run.ts'
import type { ReplayEvent, Throttle } from '../../src/replay/seams.ts'
import { Crash, type FakeDisk } from './fake-disk.ts'

/** Nobody waits: a timer is due as soon as everyone else has had a turn. */
export function hastyClock(): Clock {
  let now = 0
  return {
    now: () => now,
    epochMs: () => now,
    timer(ms, task) {
      const due = now + ms
      const immediate = setImmediate(() => {
        now = Math.max(now, due)
        task()
      })
      return () => clearImmediate(immediate)
    },
  }
}

/** A line with one span, which has a number by which it is found again. */
export const lineOf = (number: number): string =>
  `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${'ab'.repeat(16)}","spanId":"${String(number).padStart(16, '0')}","endTimeUnixNano":"1"}]}]}]}`

export const backupOf = (numbers: readonly number[]): string => numbers.map(number => `${lineOf(number)}\n`).join('')

export type Answer = (request: { readonly numbers: readonly number[]; readonly bytes: number; readonly text: string }) => {
  readonly status: number | 'no-answer' | 'not-sent'
  readonly takes: boolean
  readonly rejected?: number
  readonly retryAfter?: string
}

/** A backend that parses what it gets, as a real one does: anything that is no JSON is a 400, and takes nothing. */
export class FakeBackend {
  /** How often each number was taken. */
  readonly taken = new Map<number, number>()
  readonly requests: string[] = []
  readonly #answer: Answer
  readonly #step: () => void

  constructor(answer: Answer, step = () => {}) {
    this.#answer = answer
    this.#step = step
  }

  readonly request = async ({ body, url }: HttpRequest): Promise<HttpReply> => {
    this.#step()
    // The body may be used again once there is an answer.
    const text = new TextDecoder().decode(body)
    this.requests.push(new URL(url).pathname)
    await new Promise(resolve => setImmediate(resolve))
    const numbers = numbersIn(text)
    if (numbers === undefined) return answerOf(400)
    const { status, takes, rejected, retryAfter } = this.#answer({ numbers, bytes: text.length, text })
    if (takes) for (const number of numbers) this.taken.set(number, (this.taken.get(number) ?? 0) + 1)
    this.#step()
    if (status === 'no-answer') return { kind: 'no-answer', reason: 'connection closed', timedOut: false }
    if (status === 'not-sent') return { kind: 'not-sent', reason: 'connection refused' }
    return answerOf(status, rejected, retryAfter)
  }

  readonly call = () => Promise.reject(new Error('no gRPC here'))
  readonly lengthOf = (numbers: readonly number[]): number => numbers.filter(number => this.taken.has(number)).length

  get duplicates(): number {
    return [...this.taken.values()].reduce((sum, times) => sum + times - 1, 0)
  }
}

function numbersIn(text: string): number[] | undefined {
  try {
    const { resourceSpans } = JSON.parse(text)
    return resourceSpans.flatMap((resource: { scopeSpans: { spans: { spanId: string }[] }[] }) =>
      resource.scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => Number(spanId))),
    )
  } catch {
    return undefined
  }
}

const answerOf = (status: number, rejected = 0, retryAfter?: string): HttpReply => ({
  kind: 'answer',
  status,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  body: new TextEncoder().encode(
    rejected > 0 ? JSON.stringify({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: 'too old' } }) : '{}',
  ),
})

export const backendAt = (name: string): Backend => {
  const url = `http://${name}:4318`
  return {
    name: url,
    destinations: {
      traces: plainDestination('traces', url),
      metrics: plainDestination('metrics', url),
      logs: plainDestination('logs', url),
    },
  }
}

export const noThrottle: Throttle = { take: async () => {}, settled: () => {} }

export const DEFAULTS: ReplaySettings = {
  state: '/b/.failoverctl-replay',
  backends: [backendAt('primary')],
  strategy: undefined,
  keepsEncoding: true,
  processed: 'move',
  limits: { bytes: 1000, items: 1000 },
  concurrency: 2,
  maxLine: 100_000,
  giveUpMs: 10 * 60_000,
  signal: undefined,
  throttle: noThrottle,
  transform: undefined,
  mine: undefined,
  pace: undefined,
}

interface World {
  readonly disk: FakeDisk
  readonly backend: { readonly request: FakeBackend['request']; readonly call: FakeBackend['call'] }
  readonly random?: Random
  readonly interrupted?: AbortSignal
  readonly clock?: Clock
}

/** One run, as the command makes it. */
export async function runOnce(world: World, overrides: Partial<ReplaySettings> = {}, events: ReplayEvent[] = []) {
  const { disk, backend, random = seeded(1), interrupted = new AbortController().signal, clock = hastyClock() } = world
  const settings = { ...DEFAULTS, ...overrides }
  const threads = { transcode: async (job: TranscodeJob) => transcoded(job), close: async () => {} }
  const host = { disk, files: disk.files as never, network: backend as never, threads, clock, random, interrupted }
  const unlock = await disk.lock(`${settings.state}/lock`)
  const checkpoint = await Checkpoint.open(settings.state, { disk, files: disk.files, clock })
  const { backups } = await findBackups(['/b'], { disk, files: disk.files }, checkpoint.files.keys())
  const summary = await replay({ backups, unreadable: [] }, settings, checkpoint, host, event => void events.push(event))
  await checkpoint.close().catch(() => {})
  await unlock()
  return { summary, events, checkpoint }
}

/** One run that may be killed; undefined when it was. */
export async function runUntilKilled(world: World, overrides: Partial<ReplaySettings> = {}) {
  try {
    return (await runOnce(world, overrides)).summary
  } catch (error) {
    if (world.disk.dead && error instanceof Crash) return undefined
    throw error
  }
}
