import type { Host } from '../core/host.ts'
import type { SendPlan } from './send-plan.ts'

/** Lines that are written at once. */
const PART = 10_000

/** A line for each span and log record that was sent: which random ids have which number. */
export async function writeIdTable(file: string, { lanes, ids }: SendPlan, depth: number, { files }: Host): Promise<void> {
  const encoder = new TextEncoder()
  await files.write(file, encoder.encode('signal,sequence,trace_id,span_id\n'))
  const [trace, span] = [new Uint32Array(4), new Uint32Array(2)]
  for (const { source, ledger } of lanes) {
    if (source.signal === 'metrics') continue
    const perTrace = source.signal === 'traces' ? depth : 1
    for (let from = 1; from <= ledger.sent; from += PART) {
      const lines: string[] = []
      for (let sequence = from; sequence <= Math.min(ledger.sent, from + PART - 1); sequence++) {
        ids.trace(sequence - ((sequence - 1) % perTrace), trace)
        ids.span(sequence, span)
        lines.push(`${source.signal},${sequence},${hex(trace)},${hex(span)}\n`)
      }
      await files.append(file, encoder.encode(lines.join('')))
    }
  }
}

const hex = (words: Uint32Array): string => Array.from(words, word => word.toString(16).padStart(8, '0')).join('')
