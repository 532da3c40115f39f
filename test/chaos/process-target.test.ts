import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type ProcessSettings, processTarget } from '../../src/chaos/targets/process.ts'
import { main } from '../../src/cli/main.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { type FakeWorld, fakeHost } from '../fake-host.ts'

const POC = await readFile('fixtures/poc/main.yaml')
const { root } = await readConfig(['main.yaml'], { read: async () => POC, env: {} })
const graph = readGraph(root)

const program = (name: string) => ({ start: ['otelcol', name], pidFile: `${name}.pid`, arrivals: `${name}.jsonl` })
const SETTINGS: ProcessSettings = {
  traffic: 'http://127.0.0.1:4318',
  metrics: 'http://127.0.0.1:8888/metrics',
  backends: { primary: program('primary'), secondary: program('secondary') },
}
const answering: FakeWorld['network'] = {
  request: async () => ({ kind: 'answer', status: 200, headers: {}, body: new TextEncoder().encode('up 1\n') }),
}
const PIDS = { 'primary.pid': '1\n', 'secondary.pid': '1' }

const cases: [what: string, world: FakeWorld, settings: Partial<ProcessSettings>, code: string, message: RegExp][] = [
  ['no pid file', { network: answering }, {}, 'no-such-file', /^primary\.pid: no such file/],
  [
    'a pid file without a number',
    { files: { 'primary.pid': 'x' }, network: answering },
    {},
    'no-process',
    /primary\.pid does not hold/,
  ],
  [
    'a process that has ended',
    { files: { ...PIDS, 'secondary.pid': '4711' }, network: answering },
    {},
    'no-process',
    /^process 4711 of secondary \(secondary\.pid\) does not run/,
  ],
  [
    'metrics that are silent',
    { files: PIDS, network: { request: async () => ({ kind: 'not-sent', reason: 'refused' }) } },
    {},
    'no-answer',
    /^no metrics at http:\/\/127\.0\.0\.1:8888\/metrics/,
  ],
  [
    'a password in an address',
    { files: PIDS, network: { request: async () => ({ kind: 'not-sent', reason: 'refused' }) } },
    { metrics: 'http://me:hunter2@127.0.0.1:8888/metrics' },
    'no-answer',
    /^no metrics at http:\/\/…@127\.0\.0\.1:8888\/metrics/,
  ],
  [
    'a backend that is not described',
    { files: PIDS, network: answering },
    { backends: { primary: program('primary') } },
    'wrong-use',
    /does not describe secondary: what arrives there could not be counted/,
  ],
  [
    'a backend that there is not',
    { files: PIDS, network: answering },
    { backends: { ...SETTINGS.backends, primry: program('primary') } },
    'unknown-backend',
    /no backend is called primry/,
  ],
]

test.each(cases)('%s is said before the first fault', async (_, world, settings, code, message) => {
  const opened = processTarget({ ...SETTINGS, ...settings }, graph, '00000000000000ab', fakeHost(world))
  await expect(opened).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a project file without processes: exit 2, and where to describe them', async () => {
  const host = fakeHost({ files: { 'main.yaml': POC } })
  expect(await main(['chaos', '--target', 'process', '--stop', 'primary', '--config', 'main.yaml'], host)).toBe(2)
  expect(host.err).toMatch(/the project file describes no processes\n.*`process` in failoverctl\.yaml/)
})

test('recover without anything to undo: exit 0; a wrong flag: exit 2', async () => {
  const host = fakeHost()
  expect(await main(['chaos', 'recover'], host)).toBe(0)
  expect(host.out).toBe('nothing to undo\n')
  expect(await main(['chaos', 'recover', '--jsn'], fakeHost())).toBe(2)
})
