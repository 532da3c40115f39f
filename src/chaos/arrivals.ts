import type { Disk, OpenFile } from '../core/disk.ts'
import { readItems } from '../otlp/encodings.ts'
import type { Witness } from '../otlp/witness.ts'
import { Tally } from '../sink/tally.ts'

const PIECE_BYTES = 1024 * 1024
const NEWLINE = 10
const OPENING = 0x7b
const SPANS = '{"resourceSpans"'

/**
 * The spans of a run as a file exporter's JSON lines tell them, read as the file grows from where it ended when the run began. A file
 * that is rotated away is read to its end first. What could not be read is remembered: then nobody can say what is lost.
 */
export class Arrivals {
  #path: string
  #disk: Pick<Disk, 'look' | 'open'>
  #tally = new Tally()
  #witness: Witness
  #file: OpenFile | undefined
  #inode: string | undefined
  #at = 0
  #rest = new Uint8Array()
  /** Used again and again: it is read ten times a second. */
  #piece = new Uint8Array(PIECE_BYTES)
  /** The line that was begun before the run does not look like one, and is none of ours. */
  #mayBeTorn = false
  #emptyingExpected = false
  #doubt: string | undefined
  #reading: Promise<void> = Promise.resolve()

  constructor(path: string, run: string, disk: Pick<Disk, 'look' | 'open'>) {
    this.#path = path
    this.#disk = disk
    this.#witness = this.#tally.follow(run).traces
  }

  /** What is there already is none of the run. */
  async skipToEnd(): Promise<void> {
    const found = await this.#disk.look(this.#path)
    if (!found || found.size === 0) return
    await this.#follow(found.inode)
    this.#at = found.size
    this.#mayBeTorn = true
  }

  /** What has arrived so far, and whether that is all; the same object all the time. */
  get witness(): Witness {
    return this.#witness
  }

  /** Reads what is new; one after the other. Never rejects: a file that cannot be read now may be there the next time. */
  read(): Promise<void> {
    this.#reading = this.#reading
      .then(() => this.#readOn())
      .then(
        isThere => this.#judge(isThere ? this.#unlike() : `has no file ${this.#path}`),
        error => this.#judge(error instanceof Error ? error.message : String(error)),
      )
    return this.#reading
  }

  #judge(problem: string | undefined): void {
    this.#witness.doubt = this.#doubt ?? problem
  }

  /** To be called before a backend is started again: one without `append` empties its file then, and loses nothing by that. */
  async readBeforeRestart(): Promise<void> {
    await this.read()
    this.#emptyingExpected = true
  }

  async close(): Promise<void> {
    await this.#reading
    await this.#file?.close()
    this.#file = undefined
  }

  /** A file without lines is of another format: nothing in it could be counted. */
  #unlike(): string | undefined {
    const begins = this.#rest[0]
    const isLine = begins === undefined || begins === OPENING || this.#mayBeTorn
    return isLine ? undefined : `writes no JSON lines into ${this.#path}: nothing in it could be counted`
  }

  /** Answers with whether there is a file. */
  async #readOn(): Promise<boolean> {
    const found = await this.#disk.look(this.#path)
    // It may be gone for a moment only, while it is rotated; what was not read of it can still be.
    if (!found) {
      if (this.#file) await this.#readToEnd(this.#file)
      return false
    }
    if (found.inode !== this.#inode) {
      if (this.#file) await this.#readToEnd(this.#file)
      await this.#follow(found.inode)
    } else if (found.size < this.#at) {
      if (!this.#emptyingExpected) this.#doubted('emptied its file while the run went on')
      this.#startOver()
    }
    if (this.#file) await this.#readToEnd(this.#file)
    return true
  }

  async #readToEnd(file: OpenFile): Promise<void> {
    const piece = this.#piece
    for (let length = -1; length !== 0; ) {
      length = await file.read(piece, this.#at)
      this.#at += length
      this.#take(piece.subarray(0, length))
    }
  }

  async #follow(inode: string): Promise<void> {
    await this.#file?.close()
    this.#file = await this.#disk.open(this.#path)
    this.#inode = inode
    this.#startOver()
  }

  #startOver(): void {
    this.#at = 0
    this.#rest = new Uint8Array()
    this.#mayBeTorn = false
    this.#emptyingExpected = false
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

  #line(body: Uint8Array): void {
    const start = new TextDecoder().decode(body.subarray(0, 40)).trimStart()
    if (start.startsWith(SPANS)) this.#spans(body)
    else if (start !== '' && !start.startsWith('{') && !this.#mayBeTorn) this.#doubted('writes lines that are no JSON')
    this.#mayBeTorn = false
  }

  // A backend that was killed leaves half a line, and what it writes next stands behind it: only whole ones count.
  #spans(body: Uint8Array): void {
    if (this.#counts(body)) return
    const whole = new TextDecoder('latin1').decode(body).lastIndexOf(SPANS)
    if (whole <= 0 || !this.#counts(body.subarray(whole))) this.#doubted('has a line that cannot be read')
  }

  #counts(body: Uint8Array): boolean {
    try {
      this.#tally.record('traces', readItems({ signal: 'traces', encoding: 'json', body }))
      return true
    } catch {
      return false
    }
  }

  /** The first reason is the best. */
  #doubted(why: string): void {
    this.#doubt ??= `${why}: ${this.#path}`
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
