import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { inDoubtAtMost } from '../../src/replay/pump.ts'
import { FakeDisk } from './fake-disk.ts'
import { type Answer, backupOf, FakeBackend, runUntilKilled } from './world.ts'

const LINES = 60
const all = Array.from({ length: LINES }, (_, index) => index + 1)
const part = (from: number, to: number) => backupOf(all.slice(from, to))

function freshDisk(pack: (text: string) => string | Uint8Array = text => text): FakeDisk {
  const disk = new FakeDisk()
  disk.put('/b/traces-2026-11-21T03-12-32.726.jsonl', pack(part(0, 25)))
  disk.put('/b/traces-2026-11-21T04-12-32.726.jsonl', part(25, 45))
  disk.put('/b/traces.jsonl', part(45, LINES))
  return disk
}

const LIMITS = { bytes: 600, items: 100 }
/** Four lines of this length fit a request. */
const PER_REQUEST = 4
const CONCURRENCY = 2
const BOUND = inDoubtAtMost(CONCURRENCY) * PER_REQUEST
const accepts: Answer = () => ({ status: 200, takes: true })

/** Runs, is killed, and runs again until the end. Answers with what the last run says. */
async function survive(disk: FakeDisk, backend: FakeBackend, kills: readonly number[], powerCut: number | undefined, seed = 1) {
  const random = seeded(seed)
  for (const crashAt of kills) {
    disk.crashAt = crashAt
    const before = backend.duplicates
    await runUntilKilled({ disk, backend, random }, { limits: LIMITS, concurrency: CONCURRENCY })
    // Let what was on its way arrive, as it does with a real backend.
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
    if (disk.dead && powerCut !== undefined) disk.powerCut(powerCut)
    disk.restart()
    expect(backend.duplicates - before).toBeLessThanOrEqual(BOUND)
  }
  const before = backend.duplicates
  const summary = await runUntilKilled({ disk, backend, random }, { limits: LIMITS, concurrency: CONCURRENCY })
  expect(backend.duplicates - before).toBeLessThanOrEqual(BOUND + (summary?.possibleDuplicates ?? 0))
  return summary
}

/** How many operations one undisturbed run takes. */
async function operations(): Promise<number> {
  const disk = freshDisk()
  await runUntilKilled(
    { disk, backend: new FakeBackend(accepts, () => disk.step()) },
    { limits: LIMITS, concurrency: CONCURRENCY },
  )
  return disk.operations
}

describe('killed at every single operation, then run again', () => {
  test.each([
    ['the process', undefined],
    ['the machine, with nothing unsynced kept', 0],
    ['the machine, with a torn end', 0.5],
  ] as const)('%s', async (_, powerCut) => {
    const count = await operations()
    expect(count).toBeGreaterThan(50)
    for (let at = 1; at <= count; at++) {
      const disk = freshDisk()
      const backend = new FakeBackend(accepts, () => disk.step())
      await survive(disk, backend, [at], powerCut)
      expect([at, backend.lengthOf(all)]).toEqual([at, LINES])
      const left = [...disk.names.keys()].filter(path => !path.includes('.failoverctl-replay')).sort()
      expect(left).toEqual([
        '/b/processed/traces-2026-11-21T03-12-32.726.jsonl',
        '/b/processed/traces-2026-11-21T04-12-32.726.jsonl',
        '/b/processed/traces.jsonl',
      ])
    }
  })
})

test('whatever the backend answers and whenever the process dies, each line arrives or is kept, and the sums are right', async () => {
  const answer = fc.constantFrom('ok', 'ok', 'ok', 'lost-answer', 'not-sent', '429', '503', '502', '413', 'partial')
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(answer),
      fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 4 }),
      fc.uniqueArray(fc.integer({ min: 1, max: LINES }), { maxLength: 3 }),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      fc.integer(),
      fc.constantFrom((text: string) => text, gzipSync),
      fc.infiniteStream(fc.integer({ min: 200, max: 4000 })),
      async (answers, kills, poison, powerCut, seed, pack, sizes) => {
        const disk = freshDisk(pack)
        const backend = new FakeBackend(
          ({ numbers }) => {
            if (numbers.some(number => poison.includes(number))) return { status: 400, takes: false }
            return answerFor(answers.next().value as string, numbers.length)
          },
          () => disk.step(),
        )
        const summary = await surviveSloppily(disk, backend, kills, powerCut, seed, () => sizes.next().value as number)
        expect(summary?.stopped).toBeUndefined()
        expect(summary?.left).toEqual({ lines: 0, items: 0 })
        const buried = [...disk.text('/b/.failoverctl-replay/dead-letters.jsonl').matchAll(/spanId\\":\\"(\d+)/g)].map(([, n]) =>
          Number(n),
        )
        const missing = all.filter(number => !backend.taken.has(number) && !buried.includes(number))
        expect(missing).toEqual([])
        expect(buried.every(number => poison.includes(number))).toBe(true)
      },
    ),
    { numRuns: 150, seed: 7 },
  )
})

// Lost answers make more duplicates than the kills do, so only what is lost is asked here.
async function surviveSloppily(
  disk: FakeDisk,
  backend: FakeBackend,
  kills: readonly number[],
  powerCut: number | undefined,
  seed: number,
  nextSize: () => number,
) {
  const random = seeded(seed)
  // Each run has its own idea of a request: what is settled does not end where its requests do.
  const runOnce = () =>
    runUntilKilled({ disk, backend, random }, { limits: { ...LIMITS, bytes: nextSize() }, concurrency: CONCURRENCY })
  for (const crashAt of kills) {
    disk.crashAt = crashAt
    await runOnce()
    if (disk.dead && powerCut !== undefined) disk.powerCut(powerCut)
    disk.restart()
  }
  return runOnce()
}

function answerFor(kind: string, count: number): ReturnType<Answer> {
  switch (kind) {
    case 'lost-answer':
      return { status: 'no-answer', takes: true }
    case 'not-sent':
      return { status: 'not-sent', takes: false }
    case '429':
    case '503':
    case '502':
      return { status: Number(kind), takes: false }
    case '413':
      return count > 1 ? { status: 413, takes: false } : { status: 200, takes: true }
    case 'partial':
      return { status: 200, takes: true, rejected: 1 }
    default:
      return { status: 200, takes: true }
  }
}
