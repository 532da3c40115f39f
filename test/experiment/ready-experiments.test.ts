import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { PROBES } from '../../src/chaos/probes/index.ts'
import { main } from '../../src/cli/main.ts'
import { NEWEST } from '../../src/collector/versions.ts'
import { TARGETS } from '../../src/commands/chaos-target.ts'
import { readExperiment } from '../../src/experiment/read-experiment.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { testHost } from '../real-host.ts'

const FOLDER = 'experiments'
const files = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))
const textOf = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8')
const runsOn = (name: string): string[] => /^# Runs on: ([a-z, ]+)/m.exec(textOf(name))?.[1]?.trim().split(', ') ?? []

describe.each(files)('%s', name => {
  const read = readExperiment(`${FOLDER}/${name}`, textOf(name))

  test('says what it shows, where it runs and how', () => {
    expect(textOf(name)).toMatch(/^# (Failure mode|Test \d of a failover): .+\n#\n# Shows: /)
    expect(runsOn(name).filter(target => target !== 'simulate' && !(target in TARGETS))).toEqual([])
    expect(textOf(name)).toMatch(new RegExp(`^#   failoverctl (chaos|simulate) --experiment experiments/${name}$`, 'm'))
  })

  test('is safe: what may fail is named, and when it ends', () => {
    if (runsOn(name).includes('simulate')) return
    expect(read.blastRadius?.toSorted()).toEqual([...new Set(read.faults.map(({ who }) => who))].sort())
    expect(read.abortOn).toBeDefined()
  })

  test('its configs have no mistakes, and each probe has somebody who can look', async () => {
    const { findings } = await checkConfig(read.config, NEWEST, testHost())
    expect(findings.filter(({ kind, severity }) => kind === 'refused' && severity === 'error')).toEqual([])
    expect(read.probes.every(({ probe }) => probe in PROBES)).toBe(true)
    expect(read.claims.map(({ text }) => text)).toContain('lost == 0')
  })
})

test('the failure modes of a collector are there, and the three tests of a failover', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      ...['pod-crash', 'node-loss', 'partition', 'backend-down', 'bad-config', 'memory-pressure'].map(mode => `${mode}.yaml`),
      ...['pod-kill-kubernetes', 'backend-blocked', 'queue-survives-restart'].map(each => `${each}.yaml`),
    ]),
  )
})

async function run(...argv: string[]) {
  const host = testHost()
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

describe('what the lab can run holds there', { timeout: 120_000 }, () => {
  test.each(files.filter(name => runsOn(name).includes('lab')))('%s', async name => {
    const journal = ['--journal', `${tmpdir()}/failoverctl-${name}.jsonl`]
    const { exit, out, err } = await run('chaos', '--experiment', `${FOLDER}/${name}`, '--json', '--quiet', ...journal)
    expect(err).toBe('')
    const { verdict, reason, checks } = JSON.parse(out) as Outcome
    expect({ exit, verdict, reason }).toMatchObject({ exit: 0, verdict: 'held' })
    const wished = readExperiment(name, textOf(name))
    expect(checks.length).toBeGreaterThan(wished.claims.length + wished.probes.length)
  })
})

test.each(files.filter(name => runsOn(name).includes('simulate')))('%s holds when it is computed', async name => {
  expect(await run('simulate', '--experiment', `${FOLDER}/${name}`)).toMatchObject({ exit: 0 })
})
