import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { testHost } from '../real-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-crash-'))
afterAll(() => rmSync(folder, { recursive: true }))

const config = (queue: string) => `yaml:extensions: { file_storage: { directory: /nowhere } }
receivers: { otlp: { protocols: { http: } } }
exporters:
  otlp_http/backend:
    endpoint: http://127.0.0.1:4319
    sending_queue: { queue_size: 5000${queue} }
    retry_on_failure: { initial_interval: 200ms, max_interval: 500ms, max_elapsed_time: 0s }
service: { extensions: [file_storage], pipelines: { traces: { receivers: [otlp], exporters: [otlp_http/backend] } } }`

/** The backend goes, the collector dies meanwhile, both come back. */
async function crash(queue: string): Promise<Outcome> {
  const host = testHost()
  const file = join(folder, 'x.yaml')
  await host.files.write(
    file,
    new TextEncoder().encode(`method:
  - { fault: stop, target: backend, at: 1s, until: 4s }
  - { fault: crash, target: collector, at: 2s, for: 500ms }
configuration: { duration: 5s, drain-within: 20s }
`),
  )
  const argv = [
    'chaos',
    '--config',
    config(queue),
    '--experiment',
    file,
    '--assert',
    'lost == 0',
    '--steady',
    '200ms',
    '--json',
    '--quiet',
  ]
  await main(argv, host)
  await host.network.close()
  return JSON.parse(host.printed.out) as Outcome
}

describe('the collector dies while its queue holds what the backend did not take', { timeout: 60_000 }, () => {
  test('a queue on the disk is delivered after it is back', async () => {
    const { ledger, verdict } = await crash(', storage: file_storage')
    expect({ verdict, lost: ledger.lost }).toEqual({ verdict: 'held', lost: 0 })
    expect(ledger.refused + ledger.unknown).toBeGreaterThan(5)
  })

  test('a queue in memory is lost, to the span', async () => {
    const { ledger, verdict, checks } = await crash('')
    expect(verdict).toBe('deviated')
    // A second at 50 spans/s.
    expect(ledger.lost).toBeGreaterThan(30)
    expect(ledger.lost).toBeLessThan(80)
    expect(ledger.lost_ranges.length).toBeGreaterThan(0)
    expect(checks.find(({ name }) => name === 'lost == 0')?.result).toBe('deviated')
  })
})
