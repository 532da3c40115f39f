import { describe, expect, test } from 'vitest'
import { validateCommand } from '../../src/commands/validate.ts'
import { type FakeWorld, fakeHost } from '../fake-host.ts'

const PLACEBO = `# the gateway
receivers: { otlp: { protocols: { grpc: } } }
exporters:
  otlp_grpc/primary: # near
    endpoint: "a:4317"
    retry_on_failure: { enabled: false }
    sending_queue: { enabled: true } # kept
  file/backup: { path: /var/backup.jsonl, append: true }
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp_grpc/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
`
const FIXED = PLACEBO.replace('enabled: true', 'enabled: false')

async function run(argv: string, world: FakeWorld = {}) {
  const host = fakeHost({ files: { 'a.yaml': PLACEBO, '-': PLACEBO, 'fixed.yaml': FIXED }, ...world })
  let exit: number | undefined
  const command = validateCommand(host, code => (exit = code))
    .exitOverride()
    .configureOutput({ writeErr: host.terminal.err })
  const error = await command.parseAsync(argv.split(' '), { from: 'user' }).then(
    () => undefined,
    (reason: { code: string }) => reason.code,
  )
  const content = (file: string) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(host.contents.get(file))
  return { exit, error, out: host.out, err: host.err, content }
}

describe('--fix', () => {
  test('writes the file, reports what is left, and says what it did', async () => {
    const { exit, err, out, content } = await run('--fix a.yaml')
    expect(content('a.yaml')).toBe(FIXED)
    expect(out).not.toContain('queue-hides-errors')
    expect(err).toContain('Fixed in a.yaml:\n  turn the queue of `otlp_grpc/primary` off (queue-hides-errors)\n')
    expect(exit).toBe(0)
  })

  test('a second run changes nothing', async () => {
    const { err, content } = await run('--fix fixed.yaml')
    expect(content('fixed.yaml')).toBe(FIXED)
    expect(err).toContain('Nothing to fix.\n')
  })

  test('standard input goes to standard output, fixed, and nothing else', async () => {
    const { out, content, exit } = await run('--fix -')
    expect(out).toBe(FIXED)
    expect(content('-')).toBe(PLACEBO)
    expect(exit).toBe(0)
  })

  test('standard input comes out as it is when there is nothing to fix', async () => {
    expect((await run('--fix -', { files: { '-': FIXED } })).out).toBe(FIXED)
  })

  test('the mark of UTF-8 stays', async () => {
    const { content } = await run('--fix a.yaml', { files: { 'a.yaml': `\ufeff${PLACEBO}` } })
    expect(content('a.yaml')).toBe(`\ufeff${FIXED}`)
  })

  test('what a comment switches off stays as it is', async () => {
    const text = PLACEBO.replace(
      '    sending_queue',
      '    # failoverctl-disable-next-line queue-hides-errors -- on purpose\n    sending_queue',
    )
    expect((await run('--fix a.yaml', { files: { 'a.yaml': text } })).content('a.yaml')).toBe(text)
    expect((await run('--fix --no-suppressions a.yaml', { files: { 'a.yaml': text } })).content('a.yaml')).toContain(
      '{ enabled: false } # kept',
    )
  })

  test('what cannot be fixed is told with the reason, and never with the value of a variable', async () => {
    const text = PLACEBO.replace('sending_queue: { enabled: true }', 'sending_queue: { enabled: "${env:QUEUE}" }')
    const { err, exit, content } = await run('--fix a.yaml', { files: { 'a.yaml': text }, env: { QUEUE: 'true' } })
    expect(content('a.yaml')).toBe(text)
    expect(err).toMatch(
      /Left a\.yaml:7:\d+: turn the queue of `otlp_grpc\/primary` off .*: a reference such as an environment variable gives it\.\n/,
    )
    expect(exit).toBe(1)
  })

  test('several files that are merged are changed where the value stands', async () => {
    const files = { 'a.yaml': FIXED, 'b.yaml': 'exporters:\n  otlp_grpc/primary:\n    sending_queue:\n      enabled: true\n' }
    const { content } = await run('--fix --merge a.yaml b.yaml', { files })
    expect(content('a.yaml')).toBe(FIXED)
    expect(content('b.yaml')).toBe(files['b.yaml'].replace('true', 'false'))
  })

  test('a file that changes meanwhile is not overwritten', async () => {
    const host = fakeHost({ files: { 'a.yaml': PLACEBO } })
    let reads = 0
    const read = async (path: string) => {
      if (++reads > 1) host.contents.set('a.yaml', new TextEncoder().encode(`${PLACEBO}# new\n`))
      return host.contents.get(path) as Uint8Array
    }
    let exit: number | undefined
    await validateCommand({ ...host, files: { ...host.files, read } }, code => (exit = code)).parseAsync(['--fix', 'a.yaml'], {
      from: 'user',
    })
    expect(exit).toBe(3)
    expect(host.err).toContain('a.yaml: changed in the meantime')
    expect(new TextDecoder().decode(host.contents.get('a.yaml'))).toBe(`${PLACEBO}# new\n`)
  })
})

describe('--fix-dry-run', () => {
  test('prints a diff that patch takes, and changes nothing', async () => {
    const { exit, out, content } = await run('--fix-dry-run a.yaml')
    expect(content('a.yaml')).toBe(PLACEBO)
    expect(out).toBe(`--- a.yaml
+++ a.yaml
@@ -4,7 +4,7 @@
   otlp_grpc/primary: # near
     endpoint: "a:4317"
     retry_on_failure: { enabled: false }
-    sending_queue: { enabled: true } # kept
+    sending_queue: { enabled: false } # kept
   file/backup: { path: /var/backup.jsonl, append: true }
 connectors:
   failover: { priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
`)
    expect(exit).toBe(1)
  })

  test('prints nothing where there is nothing to fix', async () => {
    expect(await run('--fix-dry-run fixed.yaml')).toMatchObject({ out: '', exit: 0 })
  })
})

test.each(['--fix-dry-run --json a.yaml', '--fix-dry-run --format sarif a.yaml', '--fix --watch a.yaml'])(
  '%s is wrong use',
  async argv => {
    expect((await run(argv)).error).toBe('wrong-use')
  },
)
