import { LARGEST_SEQUENCE } from './sequence-set.ts'

/**
 * The spans, data points or log records of a request, column by column: which run of `send` each is of (its 16 digits as
 * two numbers, both 0 for telemetry of somebody else) and its number in that run. No object and no text for each, so that
 * a sink can count millions in a second.
 */
export class Items {
  length = 0
  runHigh = new Uint32Array(1024)
  runLow = new Uint32Array(1024)
  sequence = new Uint32Array(1024)

  add(runHigh: number, runLow: number, sequence: number): void {
    if (this.length === this.sequence.length) this.#grow()
    const isNumbered = (runHigh !== 0 || runLow !== 0) && sequence > 0 && sequence <= LARGEST_SEQUENCE && sequence % 1 === 0
    this.runHigh[this.length] = isNumbered ? runHigh : 0
    this.runLow[this.length] = isNumbered ? runLow : 0
    this.sequence[this.length++] = isNumbered ? sequence : 0
  }

  /**
   * A span by its ids, as four and two numbers of 32 bits. It is of a run when its trace and span numbers are small and
   * the trace is no younger than the span, which chance brings about once in 2^64 spans.
   */
  addSpan(trace0: number, trace1: number, trace2: number, trace3: number, span0: number, span1: number): void {
    const isNumbered = trace2 === 0 && span0 === 0 && trace3 <= span1
    this.add(isNumbered ? trace0 : 0, isNumbered ? trace1 : 0, span1)
  }

  /** The run at an index, as the 16 digits in which `send` prints it; undefined for telemetry of somebody else. */
  runAt(index: number): string | undefined {
    const [high, low] = [this.runHigh[index] as number, this.runLow[index] as number]
    return high === 0 && low === 0 ? undefined : hex(high) + hex(low)
  }

  #grow() {
    const wider = (column: Uint32Array) => {
      const copy = new Uint32Array(column.length * 2)
      copy.set(column)
      return copy
    }
    this.runHigh = wider(this.runHigh)
    this.runLow = wider(this.runLow)
    this.sequence = wider(this.sequence)
  }
}

const hex = (part: number): string => part.toString(16).padStart(8, '0')

/** A run's 16 digits as two numbers; zeros when the text is none. */
export function runParts(text: string): readonly [high: number, low: number] {
  if (!/^[0-9a-f]{16}$/i.test(text)) return [0, 0]
  return [Number.parseInt(text.slice(0, 8), 16), Number.parseInt(text.slice(8), 16)]
}
