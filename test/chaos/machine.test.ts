import { expect, test } from 'vitest'
import { byHand, perform } from '../../src/chaos/inverse.ts'
import { prepareConfigChange } from '../../src/chaos/machine/config-change.ts'
import { mayNotFill, prepareDiskFull } from '../../src/chaos/machine/disk-full.ts'
import { networkOf } from '../../src/chaos/targets/network-of.ts'
import type { ProcessSettings } from '../../src/chaos/targets/process-settings.ts'
import { Program } from '../../src/chaos/targets/program.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'
import type { Said } from '../fake-tools.ts'

function machine(says: Readonly<Record<string, (line: string) => Said>>, files: Record<string, string> = {}): FakeHost {
  const host = fakeHost({ files, network: { connect: async () => ({ kind: 'open' }) } })
  for (const [tool, say] of Object.entries(says)) host.tools.script(tool, words => say(words.join(' ')))
  return host
}

const quiet = () => ''
const DF = 'Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 8192 0 8192 0% '

test.each([
  ['/var/queue', false, undefined],
  ['/', false, /root file system.*--allow-root-volume/],
  ['/', true, undefined],
] as const)('a volume mounted on %s, with the root file system allowed: %s', async (mount, allowed, why) => {
  const found = await mayNotFill('/var/queue', allowed, machine({ df: () => `${DF}${mount}\n` }))
  if (why) expect(found).toMatch(why)
  else expect(found).toBeUndefined()
})

test('a volume that is not there is said, and where it is named', async () => {
  const host = machine({ df: () => ({ code: 1, err: 'df: /nowhere: No such file or directory\n' }) })
  await expect(mayNotFill('/nowhere', false, host)).rejects.toMatchObject({
    code: 'tool-failed',
    message: expect.stringContaining('No such file'),
  })
})

test.each([
  ['0', 100 * 4096],
  ['1000', 80 * 4096],
])('user %s fills all that is free for him, less the margin, and takes the one file away again', async (user, free) => {
  const host = machine({ stat: () => '100 80 4096\n', id: () => `${user}\n`, fallocate: quiet, rm: quiet })
  const { inverse, inject, undo } = prepareDiskFull('/var/queue/', 'ab', host)
  await inject()
  expect(host.tools.calls.at(-1)).toBe(`fallocate -l ${free - 64 * 1024} -- /var/queue/failoverctl-fills-ab`)
  await undo()
  expect(host.tools.calls.at(-1)).toBe('rm -f -- /var/queue/failoverctl-fills-ab')
  expect(inverse && byHand(inverse)).toBe('rm -f -- /var/queue/failoverctl-fills-ab')
})

test('a volume that is full already is left as it is', async () => {
  const host = machine({ stat: () => '3 3 4096\n', id: () => '0\n' })
  await prepareDiskFull('/var/queue', 'ab', host).inject()
  expect(host.tools.calls.some(call => call.startsWith('fallocate'))).toBe(false)
})

const FILES = { 'main.yaml': 'old', 'other.yaml': 'new' }

/** A collector that is told to read another config. */
async function changing(says: Parameters<typeof machine>[0] = { cp: quiet, mv: quiet, rm: quiet }) {
  const host = machine(says, FILES)
  const process = host.processes.run(['otelcol'])
  const start = { do: 'run', commands: [['start-it']], what: 'started' } as const
  const signals: string[] = []
  const send = host.processes.signal.bind(host.processes)
  // SIGHUP ends a program of the fake world as any other signal: a collector goes on.
  host.processes.signal = async (id, signal) => {
    signals.push(signal)
    return signal === 'SIGHUP' ? host.processes.living.get(id.pid)?.started === id.started : send(id, signal)
  }
  const prepared = await prepareConfigChange({ config: 'main.yaml', changed: 'other.yaml', run: 'ab', process, start }, host)
  return { host, process, signals, prepared }
}

test('a config is kept beside, replaced at once, and told; the undo brings the kept one back and tells it again', async () => {
  const { host, signals, prepared } = await changing()
  expect(host.tools.calls).toEqual([])
  await prepared.inject()
  expect(host.tools.calls.splice(0)).toEqual([
    'cp -Pp -- main.yaml main.yaml.failoverctl-ab',
    'cp -p -- main.yaml main.yaml.failoverctl-ab.new',
    'cp -- other.yaml main.yaml.failoverctl-ab.new',
    'mv -f -- main.yaml.failoverctl-ab.new main.yaml',
  ])
  const undone = prepared.undo()
  await host.clock.advance(2000)
  await undone
  expect(host.tools.calls).toEqual(['rm -f -- main.yaml.failoverctl-ab.new', 'mv -f -- main.yaml.failoverctl-ab main.yaml'])
  expect(signals).toEqual(['SIGHUP', 'SIGHUP'])
})

test('the undo starts a collector that the config has ended', async () => {
  const { host, process, prepared } = await changing({ cp: quiet, mv: quiet, rm: quiet, 'start-it': quiet })
  await prepared.inject()
  host.processes.living.delete(process.pid)
  await prepared.undo()
  expect(host.tools.calls.at(-1)).toBe('start-it')
})

test('what was never changed is not changed back', async () => {
  const gone: Said = { code: 1, err: "mv: cannot stat 'main.yaml.failoverctl-ab': No such file or directory\n" }
  const { host, prepared } = await changing({ mv: () => gone, rm: quiet })
  const undone = prepared.inverse && perform(prepared.inverse, host)
  await host.clock.advance(2000)
  expect(await undone).toMatch(/reads it anew$/)
})

test('a config that is not there is said before anything is changed', async () => {
  const host = machine({}, { 'main.yaml': 'old' })
  const process = host.processes.run(['otelcol'])
  const start = { do: 'run', commands: [], what: '' } as const
  const change = prepareConfigChange({ config: 'main.yaml', changed: 'other.yaml', run: 'ab', process, start }, host)
  await expect(change).rejects.toMatchObject({ code: 'no-such-file' })
})

test('with commands of its own it is stopped and started by these', async () => {
  const host = machine({ systemctl: line => (line.startsWith('stop') ? '' : '') })
  const { pid } = host.processes.run(['otelcol'])
  host.contents.set('x.pid', new TextEncoder().encode(`${pid}\n`))
  const settings = { start: ['systemctl', 'start', 'x'], stop: ['systemctl', 'stop', 'x'], pidFile: 'x.pid' }
  host.tools.script('systemctl', words => {
    if (words[0] === 'stop') host.processes.living.delete(pid)
    return ''
  })
  const prepared = await new Program('primary', settings, undefined, host).prepare('stop')
  expect(prepared.inverse).toMatchObject({ do: 'run', commands: [['systemctl', 'start', 'x']] })
  await prepared.inject()
  await prepared.undo()
  expect(host.tools.calls).toEqual(['systemctl stop x', 'systemctl start x'])
})

test('a stop command that fails is told with its words, without secrets', async () => {
  const host = machine({ systemctl: () => ({ code: 1, err: 'Failed: token: hunter2\n' }) })
  const { pid } = host.processes.run(['otelcol'])
  host.contents.set('x.pid', new TextEncoder().encode(`${pid}`))
  const settings = { start: ['a'], stop: ['systemctl', 'stop', 'x'], pidFile: 'x.pid' }
  const prepared = await new Program('primary', settings, undefined, host).prepare('stop')
  await expect(prepared.inject()).rejects.toThrow('primary cannot be stopped: systemctl ended with 1: Failed: token: *******')
})

const NO_RULE = { code: 1, err: 'iptables: Bad rule (does a matching rule exist in that chain?).\n' }
const SETTINGS: ProcessSettings = { traffic: 'http://127.0.0.1:4318', metrics: 'http://127.0.0.1:8888/metrics', backends: {} }

test.each<[what: string, port: number, settings: Partial<ProcessSettings>, ss: string, why: RegExp | undefined]>([
  ['a port of its own', 4317, {}, 'LISTEN 0 1 *:4317 *:* users:(("otelcol",pid=42,fd=7))', undefined],
  ['a port that nobody is seen to hold', 4317, {}, '', undefined],
  [
    'a port of another',
    4317,
    {},
    'LISTEN 0 1 *:4317 *:* users:(("sshd",pid=7,fd=7))',
    /^port 4317 belongs to sshd \(process 7\), not to its process 42$/,
  ],
  ['the metrics', 8888, {}, '', /cut failoverctl off from 127\.0\.0\.1:8888, by which it watches; --allow-own-way/],
  ['the traffic', 4318, {}, '', /cut failoverctl off from 127\.0\.0\.1:4318, by which it sends; --allow-own-way/],
  ['the metrics, where that is meant', 8888, { allowed: { ownWay: true } }, '', undefined],
  ["the metrics' port in the collector's own network", 8888, { netns: 'blue' }, '', undefined],
])('a partition of %s', async (_, port, settings, ss, why) => {
  const bare = (line: string) =>
    line.includes('iptables') || line.includes('ip6tables') ? NO_RULE : line.includes('ss -H') ? ss : ''
  const host = machine({ iptables: () => NO_RULE, ip6tables: () => NO_RULE, ss: () => ss, ip: bare, unshare: quiet })
  const backend = { start: ['x'], pidFile: 'x' }
  const { cannot } = await networkOf({ ...SETTINGS, ...settings }, backend, { host: '127.0.0.1', port }, 42, 'ab', host)
  if (why) expect(cannot.partition).toMatch(why)
  else expect(cannot.partition).toBeUndefined()
})
