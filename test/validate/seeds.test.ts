import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'

// Why each of these configs will not fail over, or not as meant: rule and line.
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'backup-to-file.yaml': [
    'removed-setting 16',
    'removed-setting 20',
    'retry-delays-failover 41',
    'queue-hides-errors 43',
    'batch-hides-errors 63',
    'batch-hides-errors 68',
  ],
  'backup-to-second-otlp.yaml': [
    'removed-setting 13',
    'removed-setting 15',
    'queue-hides-errors 27',
    'retry-delays-failover 27',
    'batch-hides-errors 48',
    'batch-hides-errors 53',
  ],
  'three-levels.yaml': [
    'removed-setting 14',
    'queue-hides-errors 18',
    'retry-delays-failover 18',
    'queue-hides-errors 23',
    'retry-delays-failover 23',
  ],
  'exporters-as-levels.yaml': [
    'retry-delays-failover 27',
    'queue-hides-errors 29',
    'retry-delays-failover 40',
    'queue-hides-errors 42',
    'level-names-exporter 63',
    'level-names-exporter 64',
    'level-names-exporter 65',
    'removed-setting 66',
    'removed-setting 68',
  ],
  'persistent-queue.yaml': ['removed-setting 8', 'no-failover-connector 49'],
  'fan-out.yaml': ['no-failover-connector 61'],
  'recovery-consumers.yaml': ['no-failover-connector 27'],
  'health-check.yaml': ['deprecated-setting 8', 'removed-setting 28', 'no-failover-connector 30'],
}

const folder = new URL('../../fixtures/seeds/', import.meta.url)

test('every file is in the table', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(EXPECTED).sort())
})

test.each(Object.entries(EXPECTED))('%s says why it will not fail over', async (name, expected) => {
  const host = fakeHost({ files: { [name]: readFileSync(new URL(name, folder)) } })
  const { findings } = await checkConfig([name], NEWEST, host)
  const told = findings.filter(({ rule, severity }) => severity !== 'info' || rule === 'no-failover-connector')
  expect(told.map(({ rule, at }) => `${rule} ${at.line}`)).toEqual(expected)
})
