import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { main } from '../../src/cli/main.ts'
import { hasGo } from '../collector/build.mjs'
import { fakeHost } from '../fake-host.ts'
import { Cluster } from '../kubernetes/cluster.ts'

/** A developer without Go goes on without; in CI its lack is a failure. */
const canRun = (await hasGo()) || process.env.CI !== undefined

let cluster: Cluster
if (canRun) beforeAll(async () => void (cluster = await Cluster.start()), 600_000)
afterAll(() => cluster?.stop())

async function emitted(...flags: string[]) {
  const host = fakeHost()
  const exit = await main(['replay', '/backup', '--emit', 'kubernetes', '--endpoint', 'http://c:4318', ...flags], host)
  expect([exit, host.err]).toEqual([0, ''])
  return parse(host.out)
}

const create = (job: unknown) =>
  cluster.ask('POST', '/apis/batch/v1/namespaces/default/jobs?dryRun=All&fieldValidation=Strict', job) as Promise<{
    spec: { completionMode: string; completions: number; backoffLimitPerIndex: number }
  }>

test.skipIf(!canRun)('a real API server takes the Job, every field of it', async () => {
  const { spec } = await create(await emitted('--shards', '16', '--secret', 'otlp', '--rate', '5000spans/s', '--mark'))
  expect(spec).toMatchObject({ completionMode: 'Indexed', completions: 16, backoffLimitPerIndex: 5 })
  await create(await emitted('--shards', '1'))
})

test.skipIf(!canRun)('and would not take one with a field that it does not know', async () => {
  const job = await emitted()
  await expect(create({ ...job, spec: { ...job.spec, completionModus: 'Indexed' } })).rejects.toThrow(
    /unknown field.*completionModus/,
  )
  await expect(create({ ...job, spec: { ...job.spec, completions: undefined } })).rejects.toThrow('spec.completions')
})
