import { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { readProject, settle } from '../../src/commands/project.ts'
import { countFlag, durationFlag, listFlag } from '../../src/commands/values.ts'
import { fakeHost } from '../fake-host.ts'

async function settled(argv: readonly string[], files: Record<string, string> = {}, env: Record<string, string> = {}) {
  const command = new Command('chaos')
    .argument('[files...]')
    .addOption(new Option('--config <path>').argParser((path: string, before: string[]) => [...before, path]).default([]))
    .addOption(new Option('--stop <names>').argParser(listFlag).default([]))
    .addOption(new Option('--hold <duration>').argParser(durationFlag).default(3000))
    .addOption(new Option('--rate <n>').argParser(countFlag(1)).default(50))
    .addOption(new Option('--quiet').default(false))
    .addOption(new Option('--project <file>'))
    .action(() => {})
  command.parse(argv as string[], { from: 'user' })
  await settle(command, fakeHost({ files, env }))
  const { project, ...options } = command.opts()
  return options
}

const PROJECT = 'config: [a.yaml, /b.yaml, "yaml:x: 1"]\nchaos: { hold: 9s, rate: 7, stop: primary }\n'

test('without a project file nothing changes', async () => {
  expect(await settled([])).toEqual({ config: [], stop: [], hold: 3000, rate: 50, quiet: false })
})

test('failoverctl.yaml is read where it is there, and its values are read as the flags read them', async () => {
  expect(await settled([], { 'failoverctl.yaml': PROJECT })).toMatchObject({
    config: ['a.yaml', '/b.yaml', 'yaml:x: 1'],
    hold: 9000,
    rate: 7,
    stop: ['primary'],
  })
})

test('paths are meant from the folder of the project file', async () => {
  expect((await settled(['--project', 'deep/p.yaml'], { 'deep/p.yaml': PROJECT })).config).toEqual([
    'deep/a.yaml',
    '/b.yaml',
    'yaml:x: 1',
  ])
})

test('the files of processes are meant from there, too; their commands are as they stand', async () => {
  const program = '{ start: [bin/otelcol, --config=a.yaml], pid-file: run/a.pid, arrivals: /var/a.jsonl }'
  const text = `process: { traffic: "http://h:4318", metrics: "http://h:8888/metrics", backends: { a: ${program} } }`
  expect(await readProject('deep/p.yaml', fakeHost({ files: { 'deep/p.yaml': text } }))).toMatchObject({
    process: {
      backends: { a: { start: ['bin/otelcol', '--config=a.yaml'], 'pid-file': 'deep/run/a.pid', arrivals: '/var/a.jsonl' } },
    },
  })
})

test('flag beats environment beats file', async () => {
  expect(
    await settled(['--rate', '1'], { 'failoverctl.yaml': PROJECT }, { FAILOVERCTL_RATE: '2', FAILOVERCTL_HOLD: '1m' }),
  ).toMatchObject({ rate: 1, hold: 60_000, stop: ['primary'] })
})

test('lists in the environment have commas, and a switch is on by 1, true, yes or on', async () => {
  expect(await settled([], {}, { FAILOVERCTL_STOP: 'a, b', FAILOVERCTL_QUIET: 'yes' })).toMatchObject({
    stop: ['a', 'b'],
    quiet: true,
  })
})

test('configs named on the command line are meant instead of the project’s', async () => {
  expect((await settled(['mine.yaml'], { 'failoverctl.yaml': PROJECT })).config).toEqual([])
})

test.each([
  ['FAILOVERCTL_RATE', 'fast', 'FAILOVERCTL_RATE: --rate cannot be fast', /at least 1/],
  ['FAILOVERCTL_HOLD', '3', 'FAILOVERCTL_HOLD: --hold cannot be 3', /with a unit/],
])('%s=%s is wrong use', async (variable, value, message, hint) => {
  await expect(settled([], {}, { [variable]: value })).rejects.toMatchObject({
    code: 'wrong-use',
    message,
    hint: expect.stringMatching(hint),
  })
})

async function levels(text: string, argv: readonly string[] = []) {
  const { validateCommand } = await import('../../src/commands/validate.ts')
  const host = fakeHost({ files: { 'deep/p.yaml': text } })
  const command = validateCommand(host, () => {})
    .exitOverride()
    .action(() => {})
  command.parse(['a.yaml', '--project', 'deep/p.yaml', ...argv], { from: 'user' })
  await settle(command, host)
  return command.opts()
}

test('severities of rules, a baseline beside the file, and a switch that turns something off', async () => {
  const options = await levels(
    'validate: { rules: { same-backend: off, single-level: warning }, baseline: old.json, no-suppressions: true, format: sarif }\n',
    ['--rule', 'single-level=error'],
  )
  expect(options).toMatchObject({ baseline: 'deep/old.json', suppressions: false, format: 'sarif' })
  expect([...options.rules]).toEqual([
    ['same-backend', 'off'],
    ['single-level', 'warning'],
  ])
  expect([...options.rule]).toEqual([['single-level', 'error']])
})

test.each([
  [
    'validate: { rules: { same-backed: off } }\n',
    /^deep\/p\.yaml:1:22: unknown rule `same-backed`; did you mean `same-backend`\?$/,
  ],
  ['validate: { rules: { schema: off } }\n', /^deep\/p\.yaml:1:22: `schema` is always an error/],
  ['validate: { rules: { same-backend: loud } }\n', /^deep\/p\.yaml:1:36: /],
  ['validate: { rules: { constructor: off } }\n', /^deep\/p\.yaml:1:22: unknown rule `constructor`$/],
])('%j is refused, with its place', async (text, message) => {
  await expect(levels(text)).rejects.toMatchObject({ code: 'bad-project-file', message: expect.stringMatching(message) })
})
