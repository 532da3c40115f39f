import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { startLab } from '../../src/lab/lab.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { testHost } from '../real-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const host = testHost(env)
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

describe('the front door', () => {
  test.each([
    ['--version', ['--version'], 0, /^\S+.*\n$/, /^$/],
    ['-V', ['-V'], 0, /^\S+.*\n$/, /^$/],
    ['--help', ['--help'], 0, /validate[\s\S]*chaos[\s\S]*send[\s\S]*lab[\s\S]*Exit codes/, /^$/],
    ['help of a command', ['send', '--help'], 0, /--spans-per-request/, /^$/],
    [
      'help of a command with many flags, in groups',
      ['chaos', '--help'],
      0,
      /What fails:\n +--stop[\s\S]*Where:[\s\S]*--target[\s\S]*The experiment:[\s\S]*--hold[\s\S]*What has to hold:[\s\S]*--max-lost[\s\S]*Safety:[\s\S]*--dry-run[\s\S]*Reports:[\s\S]*--junit[\s\S]*Commands:[\s\S]*recover/,
      /^$/,
    ],
    ['nothing', [], 2, /^$/, /Usage: failoverctl/],
    ['an unknown command', ['vaildate'], 2, /^$/, /Did you mean validate\?/],
    ['an unknown flag', ['send', '--rat', '3'], 2, /^$/, /Did you mean --rate\?/],
    ['a flag without its value', ['send', '--rate'], 2, /^$/, /argument missing/],
    ['a value that is none', ['send', '--count', 'many'], 2, /^$/, /Expected a number of at least 1/],
    ['half a span', ['send', '--count', '1.5'], 2, /^$/, /whole number/],
  ])('%s', async (_, argv, exit, out, err) => {
    const result = await run(argv)
    expect(result.exit).toBe(exit)
    expect(result.out).toMatch(out)
    expect(result.err).toMatch(err)
  })

  test('a bug is called one: exit 70, and its place only when asked for', async () => {
    const broken = (env: Record<string, string>) => ({
      ...testHost(env),
      random: () => {
        throw new Error('out of luck')
      },
    })
    for (const env of [{}, { FAILOVERCTL_DEBUG: '1' }]) {
      const host = broken(env)
      expect(await main(['chaos', '--config', 'fixtures/poc/main.yaml', '--stop', 'primary'], host)).toBe(70)
      expect(host.printed.err).toMatch(/^failoverctl: a bug: out of luck\n/)
      expect(/\n\s+at /.test(host.printed.err)).toBe('FAILOVERCTL_DEBUG' in env)
    }
  })
})

describe('flag beats environment beats project file beats default', () => {
  const project = file('failoverctl.yaml', 'collector-version: 0.160.0\nvalidate: { fail-on: info }\nconfig: poc.yaml\n')
  // Info only: an alias since 0.144, and the connector's queue.
  const config = 'fixtures/poc/main.yaml'
  test.each([
    ['default: info is no failure', [], {}, 0],
    ['project file', ['--project', project], {}, 1],
    ['project file by environment', [], { FAILOVERCTL_PROJECT: project }, 1],
    ['environment', [], { FAILOVERCTL_FAIL_ON: 'info' }, 1],
    ['environment over project file', ['--project', project], { FAILOVERCTL_FAIL_ON: 'error' }, 0],
    ['flag over both', ['--project', project, '--fail-on', 'error'], { FAILOVERCTL_FAIL_ON: 'info' }, 0],
  ] as const)('%s', async (_, argv, env, exit) => {
    expect((await run(['validate', config, ...argv], env)).exit).toBe(exit)
  })

  test('a value that the environment cannot have', async () => {
    const { exit, err } = await run(['validate', config], { FAILOVERCTL_FAIL_ON: 'never' })
    expect([exit, err]).toEqual([2, expect.stringContaining('--fail-on cannot be never')])
  })

  test.each([
    ['an unknown key', 'confg: a.yaml\n', /1:1: unknown key `confg`[\s\S]*`config`/],
    ['a wrong type', 'chaos: { rate: fast }\n', /1:16: /],
    ['a release that YAML reads as a number', 'collector-version: 0.160\n', /1:20: /],
    ['no map', '- a\n', /expected a map/],
    ['not YAML', 'a: [\n', /bad\.yaml:\d+:\d+: /],
  ])('a project file with %s is refused, with its place', async (_, text, message) => {
    const { exit, err } = await run(['validate', config, '--project', file('bad.yaml', text)])
    expect(exit).toBe(3)
    expect(err).toMatch(message)
  })

  test('a project file that is named must be there', async () => {
    expect((await run(['validate', config, '--project', join(folder, 'none.yaml')])).exit).toBe(3)
  })
})

describe('send', () => {
  const host = testHost()
  const withLab = async (task: (url: string, backend: (name: string) => { items: number }) => Promise<void>) => {
    const { root } = await readConfig(['fixtures/poc/main.yaml'], { read: path => host.files.read(path), env: {} })
    const lab = await startLab({ graph: readGraph(root), freePorts: true, seed: 1, run: '00000000000000ab', folder }, host)
    try {
      await task(
        lab.receivers[0]?.url as string,
        name => lab.backends.find(backend => backend.name === name) as { items: number },
      )
    } finally {
      await lab.close()
    }
  }

  test('what is acknowledged has arrived', () =>
    withLab(async (url, backend) => {
      const { exit, out, err } = await run([
        'send',
        '--endpoint',
        url,
        '--count',
        '50',
        '--rate',
        '500',
        '--spans-per-request',
        '5',
        '--json',
      ])
      expect(exit).toBe(0)
      expect(err).toBe('')
      expect(JSON.parse(out)).toMatchObject({
        sent: 50,
        acknowledged: 50,
        refused: 0,
        unknown: 0,
        reasons: {},
        signals: [
          expect.objectContaining({
            signal: 'traces',
            endpoints: [{ url: `${url}/v1/traces`, acknowledged: 50 }],
            refused_ranges: [],
          }),
        ],
      })
      await new Promise(resolve => host.clock.timer(100, () => resolve(undefined)))
      expect(backend('primary').items).toBe(50)
    }))

  test('the endpoint comes from the environment of OpenTelemetry', () =>
    withLab(async url => {
      expect((await run(['send', '--count', '1'], { OTEL_EXPORTER_OTLP_ENDPOINT: url })).exit).toBe(0)
    }))

  test('an address where nobody listens: exit 4, and what to do', async () => {
    const { exit, err, out } = await run(['send', '--endpoint', 'http://127.0.0.1:9', '--count', '1'])
    expect([exit, out]).toEqual([4, ''])
    expect(err).toMatch(/127\.0\.0\.1:9\/v1\/traces: connection refused\n.*--endpoint/)
  })

  test('secrets in headers and addresses are not printed', async () => {
    const { err, out } = await run([
      'send',
      '--endpoint',
      'http://user:hunter2@127.0.0.1:9',
      '--header',
      'x-token=hunter3',
      '--count',
      '1',
    ])
    expect(err + out).not.toMatch(/hunter/)
  })
})

describe('the built executable', () => {
  const bin = (argv: readonly string[], options: object = {}) =>
    spawnSync(process.execPath, ['bin/failoverctl.js', ...argv], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
      ...options,
    })

  test('prints its version and nothing else', () => {
    const { version } = JSON.parse(spawnSync('cat', ['package.json'], { encoding: 'utf8' }).stdout)
    expect(bin(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('reads a config from standard input', () => {
    expect(bin(['validate', '-'], { input: 'service: {}\n' })).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('<stdin>:1'),
    })
  })

  test('Ctrl-C in an experiment: backends back, exit 130, no report', () => {
    const { status, stdout, stderr } = spawnSync(
      'timeout',
      [
        '--preserve-status',
        '-s',
        'INT',
        '8',
        process.execPath,
        'bin/failoverctl.js',
        'chaos',
        '--stop',
        'primary',
        '--config',
        'fixtures/poc/main.yaml',
        '--hold',
        '60s',
        '--steady',
        '500ms',
      ],
      { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    )
    expect(stderr).toMatch(/interrupted; undone, back again: primary/)
    expect([status, stdout]).toEqual([130, ''])
  }, 40_000)

  test('a reader that goes away is no error', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `${process.execPath} bin/failoverctl.js --help | head -1`], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })
})
