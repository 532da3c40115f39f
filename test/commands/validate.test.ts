import { describe, expect, test } from 'vitest'
import { validateCommand } from '../../src/commands/validate.ts'
import { FORMAT_NAMES } from '../../src/formats/index.ts'
import { type FakeWorld, fakeHost } from '../fake-host.ts'
import { GOOD } from '../good-config.ts'

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
A config has a \`service\` with \`pipelines\`. One inside a ConfigMap, an OpenTelemetryCollector or Helm values is found, too.
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

const EXCUSED = WARNED.replace(
  '  file/backup:',
  '  # failoverctl-disable-next-line backup-truncated -- the volume is new each time\n  file/backup:',
)

describe('what the project excuses', () => {
  const files = { ...FILES, 'excused.yaml': EXCUSED, 'configs/a.yaml': WARNED, 'configs/deep/b.yaml': PLACEBO }

  test('a comment with a reason: no finding, but a count, and JSON has the reason', async () => {
    const { exit, out } = await run(['excused.yaml', '--fail-on', 'warning'], { files })
    expect([exit, out]).toEqual([0, 'no findings in 1 file (1 suppressed by comments)\n'])
    const { findings, suppressed } = JSON.parse((await run(['excused.yaml', '--json'], { files })).out)
    const line = EXCUSED.slice(0, EXCUSED.indexOf('# failoverctl')).split('\n').length
    expect(findings).toEqual([])
    expect(suppressed).toMatchObject([
      { rule: 'backup-truncated', justification: 'the volume is new each time', suppressed_on_line: line },
    ])
  })

  test('also inside of a ConfigMap', async () => {
    const inner = EXCUSED.trim().replace(/^/gm, '    ')
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: gateway }\ndata:\n  config.yaml: |\n${inner}\n`
    const { suppressed } = JSON.parse((await run(['map.yaml', '--json'], { files: { 'map.yaml': text } })).out)
    const line = text.slice(0, text.indexOf('# failoverctl')).split('\n').length
    expect(suppressed).toMatchObject([{ rule: 'backup-truncated', line: line + 1, suppressed_on_line: line }])
  })

  test('--no-suppressions, also from the environment', async () => {
    expect((await run(['excused.yaml', '--fail-on', 'warning', '--no-suppressions'], { files })).exit).toBe(1)
  })

  test.each([
    ['warned.yaml --rule backup-truncated=error', 1],
    ['warned.yaml --rule backup-truncated=off --fail-on info', 0],
    ['placebo.yaml --rule queue-hides-errors=warning', 0],
    ['placebo.yaml --rule queue-hides-errors=warning --rule queue-hides-errors=error', 1],
    ['placebo.yaml --rules queue-hides-errors=warning --rule queue-hides-errors=error', 1],
    ['excused.yaml --rule backup-truncated=off --fail-on info', 0],
  ])('%s: %i', async (argv, exit) => {
    expect((await run(argv.split(' '), { files })).exit).toBe(exit)
  })

  test.each(['backup-truncate=off', 'backup-truncated=loud', 'schema=off'])('--rule %s is wrong use', async level => {
    expect((await run(['good.yaml', '--rule', level])).error).toBe('wrong-use')
  })
})

describe('a baseline', () => {
  const world = () => {
    const host = fakeHost({ files: FILES })
    const go = async (...argv: string[]) => {
      let exit: number | undefined
      const before = [host.out.length, host.err.length] as const
      await validateCommand(host, code => (exit = code))
        .exitOverride()
        .parseAsync(argv, { from: 'user' })
      return { exit, out: host.out.slice(before[0]), err: host.err.slice(before[1]) }
    }
    const put = (path: string, text: string) => host.contents.set(path, new TextEncoder().encode(text))
    return { host, go, put }
  }

  test('hides what it holds, wherever that has moved to, shows what is new, and names what is gone', async () => {
    const { go, put } = world()
    const written = await go('placebo.yaml', '--write-baseline', 'old.json')
    expect(written.exit).toBe(0)
    expect(written.out).toMatch(/^no findings in 1 file \(\d+ hidden by the baseline\)\n$/)
    expect(written.err).toMatch(/^old\.json: \d+ findings of now are in this baseline\n/)
    put('placebo.yaml', `# a new line\n\n${PLACEBO}`)
    expect((await go('placebo.yaml', '--baseline', 'old.json')).exit).toBe(0)
    put('placebo.yaml', PLACEBO.replace(', append: true', ''))
    const { out } = await go('placebo.yaml', '--baseline', 'old.json', '--fail-on', 'warning')
    expect(out).toMatch(/^warning\[backup-truncated\]/)
    put('placebo.yaml', GOOD)
    expect((await go('placebo.yaml', '--baseline', 'old.json')).out).toMatch(
      /^gone since the baseline: queue-hides-errors in placebo\.yaml \(was on line 4\)\n/,
    )
  })

  test('does not hide what a collector refuses', async () => {
    const { go } = world()
    expect((await go('good.yaml', '--collector-version', '0.130', '--write-baseline', 'old.json')).exit).toBe(1)
    expect((await go('good.yaml', '--collector-version', '0.130', '--baseline', 'old.json')).exit).toBe(1)
  })

  test('is not written from half of the files', async () => {
    const { go, host } = world()
    expect((await go('placebo.yaml', 'missing.yaml', '--write-baseline', 'old.json')).exit).toBe(3)
    expect(host.contents.has('old.json')).toBe(false)
  })

  test.each([
    ['missing.json', 'no-such-file'],
    ['good.yaml', 'bad-baseline'],
  ])('%s is %s', async (file, code) => {
    expect((await run(['placebo.yaml', '--baseline', file])).error).toBe(code)
  })
})

describe('files', () => {
  const files = { ...FILES, 'configs/a.yaml': WARNED, 'configs/deep/b.yaml': GOOD }
  test('a pattern names every file that it matches', async () => {
    expect((await run(['configs/**/*.yaml'], { files })).out).toMatch(/1 warning in 2 files\n$/)
  })
  test('a pattern without a match is exit 3, and the rest is checked', async () => {
    const { exit, out, err } = await run(['none/*.yaml', 'good.yaml'], { files })
    expect([exit, out]).toEqual([3, expect.stringMatching(/in 1 file\n$/)])
    expect(err).toMatch(/^failoverctl: none\/\*\.yaml: no file matches\n/)
  })
  test('--merge makes one config of all', async () => {
    const parts = { 'base.yaml': GOOD, 'over.yaml': 'exporters: { file/backup: { append: false } }\n' }
    const { exit, out } = await run(['--merge', 'base.yaml', 'over.yaml', '--json'], { files: parts })
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      files: ['base.yaml', 'over.yaml'],
      findings: expect.arrayContaining([expect.objectContaining({ rule: 'backup-truncated', file: 'over.yaml' })]),
    })
    expect((await run(['base.yaml', 'over.yaml'], { files: parts })).exit).toBe(3)
  })
})

test.each(FORMAT_NAMES)('--format %s prints on standard output only, also when nothing could be read', async format => {
  expect((await run(['warned.yaml', '--format', format])).out).not.toBe('')
  const { exit, out } = await run(['missing.yaml', '--format', format])
  expect(exit).toBe(3)
  expect(out === '').toBe(format === 'text' || format === 'github')
})

test('standard input cannot be watched', async () => {
  expect((await run(['-', '--watch'])).error).toBe('wrong-use')
})
