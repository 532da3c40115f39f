import { describe, expect, test } from 'vitest'
import { validateCommand } from '../../src/commands/validate.ts'
import { type FakeWorld, fakeHost } from '../fake-host.ts'

const GOOD = `
receivers: { otlp: { protocols: { grpc: } } }
exporters:
  otlp_grpc/primary: { endpoint: "a:4317", sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  file/backup: { path: /var/backup.jsonl, append: true }
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp_grpc/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
`
const WARNED = GOOD.replace(', append: true', '')
const PLACEBO = GOOD.replace('sending_queue: { enabled: false }, retry', 'retry')
const REMARKED = GOOD.replace('], sending_queue: { enabled: false }', ']')
const FILES = {
  'good.yaml': GOOD,
  'warned.yaml': WARNED,
  'placebo.yaml': PLACEBO,
  'remarked.yaml': REMARKED,
  '-': WARNED,
  'other.yaml': 'a: 1\n',
  'broken.yaml': 'a: [\n',
}

async function run(argv: readonly string[], world: FakeWorld = {}) {
  const host = fakeHost({ files: FILES, ...world })
  let exit: number | undefined
  const command = validateCommand(host, code => (exit = code))
    .exitOverride()
    .configureOutput({ writeErr: host.terminal.err })
  const error = await command.parseAsync(argv as string[], { from: 'user' }).then(
    () => undefined,
    (reason: { code: string }) => reason.code,
  )
  return { exit, error, out: host.out, err: host.err }
}

describe('exit code', () => {
  test.each([
    ['good.yaml', 0],
    ['warned.yaml', 0],
    ['placebo.yaml', 1],
    ['warned.yaml --fail-on warning', 1],
    ['remarked.yaml --fail-on warning', 0],
    ['remarked.yaml --fail-on info', 1],
    ['good.yaml placebo.yaml', 1],
    ['-', 0],
    ['- --fail-on warning', 1],
    ['missing.yaml', 3],
    ['other.yaml', 3],
    ['broken.yaml', 3],
    ['placebo.yaml missing.yaml', 3],
    ['good.yaml --collector-version 0.130', 1],
    ['--config good.yaml', 0],
    ['--config good.yaml --config yaml:exporters::file/backup::append:false', 3],
    ['--config good.yaml --config warned.yaml', 0],
  ])('%s: %i', async (argv, exit) => {
    expect((await run(argv.split(' '))).exit).toBe(exit)
  })
})

test.each([
  ['--fail-on never', 'commander.invalidArgument'],
  ['good.yaml --collector-version newest', 'commander.invalidArgument'],
  ['good.yaml --format xml', 'commander.invalidArgument'],
  ['', 'wrong-use'],
])('%j is wrong use', async (argv, code) => {
  expect((await run(argv.split(' ').filter(Boolean))).error).toBe(code)
})

test('what cannot be read is told on standard error with a hint, and the rest is still checked', async () => {
  const { out, err } = await run(['missing.yaml', 'warned.yaml', 'other.yaml'])
  expect(err).toBe(`failoverctl: missing.yaml: no such file
Check the path.
failoverctl: other.yaml: no Collector config, there is no \`service\` in it
If the config is part of a Helm chart or a ConfigMap, put it into a file of its own.
`)
  expect(out).toMatch(/^warning\[backup-truncated\]: .*1 warning in 1 file\n$/s)
})

test('several files are each checked by themselves, once', async () => {
  const { out } = await run(['warned.yaml', 'good.yaml', 'warned.yaml'])
  expect(out).toMatch(/1 warning in 2 files\n$/)
})

test('--json prints JSON on standard output and nothing on standard error', async () => {
  const { out, err } = await run(['--json', 'warned.yaml', '-'])
  expect(err).toBe('')
  const { files, summary, findings } = JSON.parse(out)
  expect(files).toEqual(['warned.yaml', '<stdin>'])
  expect(summary).toEqual({ error: 0, warning: 2, info: 0 })
  expect(findings[1]).toMatchObject({ rule: 'backup-truncated', file: '<stdin>', line: 5, column: 3, length: 11 })
  expect((await run(['--format', 'json', 'warned.yaml', '-'])).out).toBe(out)
})

test('several --config are one config', async () => {
  const { out } = await run(['--json', '--config', 'good.yaml', '--config', 'yaml:exporters: {file/backup: {append: false}}'])
  expect(JSON.parse(out).findings).toMatchObject([{ rule: 'backup-truncated', file: '<yaml>' }])
})

describe('the next step', () => {
  test.each([
    ['good.yaml', 'Next: failoverctl chaos --stop level0 --config good.yaml\n'],
    ['placebo.yaml', 'Next: fix the errors. To watch what they do: failoverctl chaos --stop level0 --config placebo.yaml\n'],
    ['good.yaml --collector-version 0.130', 'Next: fix the errors, a collector does not start with them.\n'],
    ['-', ''],
    ['good.yaml warned.yaml', ''],
  ])('after %s', async (argv, step) => {
    expect((await run(argv.split(' '))).err).toBe(step)
  })
})

test('colours only where the terminal has them', async () => {
  expect((await run(['warned.yaml'])).out).not.toContain('\u001b')
  expect((await run(['warned.yaml'], { colour: true })).out).toContain('\u001b[33m')
})
