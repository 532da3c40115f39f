import { expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { lookCloser } from '../../src/commands/look-closer.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'

const CONFIG = `
receivers: { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } } }
exporters:
  otlp_grpc: { endpoint: "\${env:BACKEND}", sending_queue: { storage: file_storage } }
  file: { path: /data/backup/b.jsonl, append: true }
  file/own: { path: /data/own/b.jsonl, append: true, create_directory: true }
extensions: { file_storage: { directory: /data/queue, fsync: true } }
service:
  extensions: [file_storage]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_grpc, file, file/own] } }
`
const RULES = ['unset-variable', 'folder-must-exist', 'port-taken']

async function told(onHost: boolean, files: Record<string, string> = {}, env: Record<string, string> = {}, taken = false) {
  const listen = async (address: { host: string; port: number }) => {
    if (taken && address.port === 4317) throw new FailoverctlError('port-in-use', 'port 4317 is in use by a test')
    return { ...address, close: async () => {} }
  }
  const host = fakeHost({ files: { 'c.yaml': CONFIG, ...files }, env, network: { listen } })
  const { findings } = await lookCloser(await checkConfig(['c.yaml'], NEWEST, host), { onHost }, host)
  return findings.filter(({ rule }) => RULES.includes(rule)).map(({ rule, severity, at }) => `${severity} ${rule} ${at.line}`)
}

test('elsewhere it is a note', async () => {
  expect(await told(false, {}, {}, true)).toEqual([
    'info unset-variable 4',
    'info folder-must-exist 5',
    'info folder-must-exist 7',
  ])
})

test('on the host it is an error where it is so, and nothing where it is not', async () => {
  expect(await told(true, {}, {}, true)).toEqual([
    'error port-taken 2',
    'error unset-variable 4',
    'error folder-must-exist 5',
    'error folder-must-exist 7',
  ])
  const files = { '/data/backup/x': '', '/data/queue': 'a file where the folder should be' }
  expect(await told(true, files, { BACKEND: 'a:4317' })).toEqual(['error folder-must-exist 7'])
})
