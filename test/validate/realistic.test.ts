import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'

const NAME = 'gateway.yaml'
const text = readFileSync(new URL(`../../fixtures/realistic/${NAME}`, import.meta.url), 'utf8')

// A gateway of 250 lines with components of many kinds, and four mistakes: each is found, and nothing else is called one.
test('a large gateway has the findings that it should have', async () => {
  const env = { VENDOR_CLIENT_ID: 'a', VENDOR_CLIENT_SECRET: 'b' }
  const { findings } = await checkConfig([NAME], NEWEST, fakeHost({ files: { [NAME]: text }, env }))
  const told = findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ severity, rule, at }) => `${at.line} ${severity} ${rule}`)
  expect(told).toEqual([
    '142 error queue-hides-errors',
    '148 warning retry-delays-failover',
    '160 warning backup-truncated',
    '235 error batch-hides-errors',
  ])
  expect(findings.filter(({ kind }) => kind === 'refused')).toEqual([])
})
