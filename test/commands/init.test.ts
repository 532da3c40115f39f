import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { Asker } from '../../src/core/ask.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { readExperiment } from '../../src/experiment/read-experiment.ts'
import { PLATFORMS, SHAPES } from '../../src/kit/wish.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'

async function init(...argv: string[]): Promise<{ exit: number; host: FakeHost }> {
  const host = fakeHost()
  return { exit: await main(['init', ...argv], host), host }
}

const text = ({ contents }: FakeHost, path: string) => new TextDecoder().decode(contents.get(path))
const asked = (host: FakeHost, ask: Partial<Asker>): FakeHost => ({ ...host, terminal: { ...host.terminal, ask: ask as Asker } })

const kits = Object.keys(SHAPES).flatMap(shape => Object.keys(PLATFORMS).map(platform => [shape, platform] as const))

describe.each(kits)('%s for %s', async (shape, platform) => {
  const { exit, host } = await init('kit', '--shape', shape, '--for', platform)
  const paths = [...host.contents.keys()]

  test('is written', () => {
    expect({ exit, err: host.err }).toEqual({ exit: 0, err: '' })
    expect(paths).toContain('kit/gateway.yaml')
    expect(paths.includes('kit/agent.yaml')).toBe(shape === 'agents-and-gateway')
    expect(host.out).toContain('Next: cd kit && failoverctl validate')
  })

  test('validate finds nothing in any of its files, remarks included', async () => {
    const configs = paths.filter(path => /(gateway|agent)(-manifests)?\.yaml$/.test(path))
    const checking = fakeHost({ files: Object.fromEntries(host.contents) })
    const exit = await main(['validate', '--outage', '4h', '--rate', '1MB/s', '--fail-on', 'info', ...configs], checking)
    expect({ exit, out: checking.out }).toMatchObject({ exit: 0, out: expect.stringMatching(/^no findings in \d+ files?/) })
  })

  test('there is an experiment for each failure mode, each with its schema kept', () => {
    const experiments = paths.filter(path => path.startsWith('kit/experiments/') && !path.endsWith('changed.yaml'))
    expect(experiments).toHaveLength(6)
    for (const path of experiments) expect(readExperiment(path, text(host, path)).faults.length).toBeGreaterThan(0)
  })

  test('its README has what simulate computes', async () => {
    const [, failover, recovery] =
      /\| takes them, answers nothing \| (\S+ s) +\| (\S+ s) /.exec(text(host, 'kit/README.md')) ?? []
    const checking = fakeHost({ files: Object.fromEntries(host.contents) })
    await main(['simulate', 'kit/gateway.yaml', '--hang', 'level0=60s..605s', '--seed', '1', '--json'], checking)
    const { outcome } = JSON.parse(checking.out)
    const rounded = (seconds: number) => `${Math.round(seconds * 10) / 10} s`
    expect([failover, recovery]).toEqual([rounded(outcome.failover_time_s), rounded(outcome.recovery_time_s)])
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
  })
})

test('nothing is overwritten', async () => {
  const host = fakeHost({ files: { 'kit/gateway.yaml': 'mine' } })
  expect(await main(['init', 'kit'], host)).toBe(3)
  expect(host.err).toContain('kit/gateway.yaml is there already; nothing was written')
  expect([...host.contents.keys()]).toEqual(['kit/gateway.yaml'])
})

test('a disk that is full: what was written is taken back, exit 3', async () => {
  const host = fakeHost()
  const append = host.files.append
  host.files.append = async (path, data) => {
    await append(path, data)
    if (host.contents.size === 5) throw new FailoverctlError('unwritable', `${path}: cannot be written (no space left)`)
  }
  expect(await main(['init', 'kit'], host)).toBe(3)
  expect(host.err).toContain('cannot be written')
  expect([...host.contents.keys()]).toEqual([])
})

test('an address that a flag names is not asked for', async () => {
  const questions: string[] = []
  const host = asked(fakeHost(), {
    text: async question => {
      questions.push(question)
      return 'https://b.example:4318'
    },
  })
  expect(await main(['init', '--shape', 'two-backends', '--for', 'file', '--endpoint', 'https://a.example:4318'], host)).toBe(0)
  expect(questions).toEqual(['OTLP/HTTP address of the secondary backend?'])
})

test.each(Object.keys(PLATFORMS))('for %s, experiments that the lab can make run there as written', async platform => {
  const { host } = await init('kit', '--for', platform)
  const targets = [...host.contents.keys()]
    .filter(path => path.startsWith('kit/experiments/') && !path.endsWith('changed.yaml'))
    .map(path => [path.slice('kit/experiments/'.length), /^target: (.*)$/m.exec(text(host, path))?.[1]])
  expect(Object.fromEntries(targets)).toEqual({
    'backend-down.yaml': 'lab',
    'partition.yaml': 'lab',
    'pod-crash.yaml': 'lab',
    'memory-pressure.yaml': 'lab',
    'node-loss.yaml': 'kubernetes',
    'bad-config.yaml': 'process',
  })
})

test.each(Object.keys(SHAPES))(
  'for Kubernetes, the project file tells chaos and deploy of %s where the gateway is',
  async shape => {
    const { host } = await init('--for', 'kubernetes', '--shape', shape, '--name', 'edge')
    for (const [argv, wanted] of [
      [['chaos', '--experiment', 'experiments/node-loss.yaml'], /kubectl/],
      [['deploy', 'gateway.yaml'], /kubectl/],
    ] as const) {
      const there = fakeHost({ files: Object.fromEntries(host.contents) })
      expect(await main([...argv], there)).not.toBe(2)
      expect(there.err).toMatch(wanted)
    }
  },
)

test('--explain writes nothing and says why', async () => {
  const { exit, host } = await init('--explain', '--shape', 'two-backends')
  expect(exit).toBe(0)
  expect(host.contents.size).toBe(0)
  expect(host.out).toMatch(/timeout: 2s +← when the backend hangs, this is the failover time/)
})

test('a person is asked for what no flag says', async () => {
  const questions: string[] = []
  const host = asked(fakeHost(), {
    choose: async (question, choices) => {
      questions.push(question)
      return choices[0]?.value ?? ''
    },
    text: async (question, _, wrong) => {
      questions.push(question)
      expect(wrong('primary:4318')).toBe('expected an address with http:// or https://')
      expect(wrong('https://me:hunter2@a.example')).toContain('password')
      return 'https://a.example:4318'
    },
  })
  expect(await main(['init', '--for', 'compose'], host)).toBe(0)
  expect(questions).toEqual([
    'Which levels?',
    'OTLP/HTTP address of the primary backend?',
    'OTLP/HTTP address of the secondary backend?',
  ])
  expect(text(host, 'gateway.yaml')).toContain('endpoint: https://a.example:4318')
  expect(host.contents.has('compose.yaml')).toBe(true)
})

test('Ctrl-C at a question: nothing is written, exit 130', async () => {
  const host = asked(fakeHost(), { choose: () => Promise.reject(new FailoverctlError('interrupted', 'interrupted')) })
  expect(await main(['init'], host)).toBe(130)
  expect(host.contents.size).toBe(0)
})

test.each<[what: string, argv: string[], message: RegExp]>([
  ['an endpoint without a scheme', ['--endpoint', 'a.example:4318'], /--endpoint a\.example:4318: expected an address with http/],
  ['a token in an endpoint', ['--endpoint', 'https://a.example/?token=hunter2'], /an address without \? and #/],
  ['a password in an endpoint', ['--endpoint', 'https://me:hunter2@a.example'], /a password does not belong into an address/],
  [
    'more endpoints than levels',
    ['--shape', 'backend-and-file', '--endpoint', 'https://a.example', '--endpoint', 'https://b.example'],
    /--endpoint is given 2 times, and backend-and-file has one backend/,
  ],
  ['a name that no cluster takes', ['--name', 'My Gateway'], /My Gateway is no name for Kubernetes or Compose/],
  ['a shape that there is not', ['--shape', 'four-levels'], /Allowed choices are two-backends/],
  ['an amount of requests', ['--rate', '200/s'], /Expected an amount such as 5MB\/s/],
])('%s: exit 2, nothing written', async (_, argv, message) => {
  const { exit, host } = await init(...argv)
  expect({ exit, files: host.contents.size }).toEqual({ exit: 2, files: 0 })
  expect(host.err).toMatch(message)
  expect(host.err).not.toContain('hunter2')
})
