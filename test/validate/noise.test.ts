import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'

test('a setup that fails over as meant has remarks only, and each of them once', async () => {
  const text = readFileSync(new URL('../../fixtures/poc/main.yaml', import.meta.url))
  const { findings } = await checkConfig(['main.yaml'], NEWEST, fakeHost({ files: { 'main.yaml': text } }))
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  const count = (id: string) => findings.filter(({ rule }) => rule === id).length
  expect(['slow-failover', 'recovery-waits-for-grpc', 'last-level-remote', 'memory-limiter-first'].map(count)).toEqual([
    1, 1, 1, 1,
  ])
  expect(findings.length).toBeLessThan(10)
})
