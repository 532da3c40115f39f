import type { Disk } from '../core/disk.ts'
import { readItems } from '../otlp/encodings.ts'
import type { Witness } from '../otlp/witness.ts'
import { Tally } from '../sink/tally.ts'

const PIECE_BYTES = 1024 * 1024
const NEWLINE = 10

/** The spans of a run as a file exporter's JSON lines tell them, read as the file grows from where it ended when the run began. */
export class Arrivals {
  #path: string
  #run: string
  #disk: Disk
  #tally = new Tally()
  #at = 0
  #inode: string | undefined
  #rest = new Uint8Array()
  #reading: Promise<void> = Promise.resolve()

  constructor(path: string, run: string, disk: Disk) {
    this.#path = path
    this.#run = run
    this.#disk = disk
  }

  /** What is there already is none of the run. */
  async skipToEnd(): Promise<void> {
    const found = await this.#disk.look(this.#path)
    if (!found || found.size === 0) return
    this.#inode = found.inode
    this.#at = found.size
  }

  /** What has arrived so far. */
  get witness(): Witness {
    return this.#tally.of(this.#run).traces
  }

  /** Reads what is new; one after the other. */
  read(): Promise<void> {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#readOn())
    return this.#reading
  }

  async #readOn(): Promise<void> {
    const found = await this.#disk.look(this.#path)
    if (!found) return
    // A new file, or the old one emptied: a file exporter without append does so when it starts.
    if (found.inode !== this.#inode || found.size < this.#at) this.#startOver(found.inode)
    await this.#with(async file => {
      const piece = new Uint8Array(PIECE_BYTES)
      for (let length = -1; length !== 0; ) {
        length = await file.read(piece, this.#at)
        this.#at += length
        this.#take(piece.subarray(0, length))
      }
    })
  }

  #startOver(inode: string): void {
    this.#inode = inode
    this.#at = 0
    this.#rest = new Uint8Array()
  }

  /** Whole lines only: the last one may still be on its way. */
  #take(piece: Uint8Array): void {
    const text = joined(this.#rest, piece)
    let from = 0
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, from)) {
      this.#line(text.subarray(from, end))
      from = end + 1
    }
    this.#rest = text.slice(from)
  }

  // The rest of a line that was begun before the run does not look like one, and is none of ours.
  #line(body: Uint8Array): void {
    const isTraces = new TextDecoder().decode(body.subarray(0, 40)).trimStart().startsWith('{"resourceSpans"')
    if (isTraces) this.#tally.record('traces', readItems({ signal: 'traces', encoding: 'json', body }))
  }

  async #with(task: (file: Awaited<ReturnType<Disk['open']>>) => Promise<unknown>): Promise<void> {
    const file = await this.#disk.open(this.#path)
    try {
      await task(file)
    } finally {
      await file.close()
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
