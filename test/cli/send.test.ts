import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { PROTOCOLS, type Protocol } from '../../src/otlp/destination.ts'
import { SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { parseFault } from '../../src/sink/parse-fault.ts'
import { readSentRuns } from '../../src/sink/sent-runs.ts'
import { Sink } from '../../src/sink/sink.ts'
import { testHost } from '../real-host.ts'

const FREE = { host: '127.0.0.1', port: 0 }
const ALL = Object.keys(SIGNALS) as Signal[]

describe('send, over real sockets', () => {
  const host = testHost()
  let sink: Sink
  beforeEach(async () => {
    sink = new Sink({ http: FREE, grpc: FREE }, host)
    await sink.open()
  })
  afterEach(() => sink.close())

  const to = (protocol: Protocol) => {
    const port = sink.address(protocol === 'grpc' ? 'grpc' : 'http')?.port
    return ['--protocol', protocol, '--endpoint', `http://127.0.0.1:${port}`]
  }
  const send = async (protocol: Protocol, ...args: string[]) => {
    const sender = testHost()
    const exit = await main(['send', ...to(protocol), '--quiet', '--json', ...args], sender)
    await sender.network.close()
    return { exit, summary: sender.printed.out, err: sender.printed.err }
  }
  const seen = (run: string) => ALL.map(signal => [...sink.ledger.tally.of(run)[signal].seen.ranges()])

  test.each(PROTOCOLS)('many connections at full speed: every number arrives once, by %s', async protocol => {
    const args = [
      '--signal',
      'traces,metrics,logs',
      '--rate',
      '0',
      '--count',
      '6000',
      '--spans-per-request',
      '37',
      '--connections',
      '16',
    ]
    const { exit, summary } = await send(protocol, ...args)
    expect(exit).toBe(0)
    const { run, signals } = JSON.parse(summary)
    expect(seen(run)).toEqual(signals.map(({ sent }: { sent: number }) => [[1, sent]]))
    expect(ALL.map(signal => sink.ledger.tally.of(run)[signal].repeated)).toEqual([0, 0, 0])
  })

  test.each(PROTOCOLS)('its ledger is the truth while the server refuses some, by %s', async protocol => {
    await sink.become([parseFault('status=400:30%')])
    const { exit, summary } = await send(protocol, '--rate', '0', '--count', '3000', '--spans-per-request', '10')
    expect(exit).toBe(1)
    const [sent] = readSentRuns('sent.json', summary)
    expect(sent?.refused.length).toBeGreaterThan(0)
    expect(seen(sent?.run as string)[0]).toEqual(sent?.acknowledged)
  })

  test('Ctrl-C while answers do not come: they get five seconds, then their spans are unknown', async () => {
    const sender = testHost()
    const done = main(['send', ...to('http/protobuf'), '--quiet', '--json', '--rate', '100'], sender)
    await sleep(1000)
    await sink.become([parseFault('hang')])
    await sleep(500)
    sender.interrupt()
    const interruptedAt = performance.now()
    expect(await done).toBe(130)
    await sender.network.close()
    expect(performance.now() - interruptedAt).toBeGreaterThan(4500)
    const { sent, acknowledged, unknown, reasons } = JSON.parse(sender.printed.out)
    expect(unknown).toBeGreaterThan(0)
    expect(acknowledged + unknown).toBe(sent)
    expect(reasons).toEqual({ 'interrupted before an answer': unknown })
  })
})

test('the executable: a signal ends it with its summary', async () => {
  const host = testHost()
  const sink = new Sink({ http: FREE }, host)
  await sink.open()
  const url = `http://127.0.0.1:${sink.address('http')?.port}`
  const args = [
    '--preserve-status',
    '-s',
    'INT',
    '3',
    process.execPath,
    'bin/failoverctl.js',
    'send',
    '--endpoint',
    url,
    '--duration',
    '1m',
    '--json',
  ]
  const { code, stdout } = await promisify(execFile)('timeout', args).catch(error => error)
  expect(code).toBe(130)
  const [sent] = readSentRuns('sent.json', stdout)
  expect(sent?.sent).toBeGreaterThan(0)
  expect([...sink.ledger.tally.of(sent?.run as string).traces.seen.ranges()]).toEqual(sent?.acknowledged)
  await sink.close()
})
