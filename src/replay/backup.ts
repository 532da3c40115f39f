import type { Encoding, Signal } from '../otlp/signal.ts'

/** One file of a backup, as it stood when it was found. */
export interface BackupFile {
  /** Made of device, inode and a hash of the first bytes: it stays the same when the exporter renames the file. */
  readonly id: string
  readonly path: string
  readonly device: string
  readonly inode: string
  /** Bytes on disk. */
  readonly size: number
  readonly mtimeMs: number
  /** When the exporter turned to the next file, from the name; undefined for the file that it may still write to. */
  readonly rotatedAt: string | undefined
}

/** How the requests are laid into the file. Told by its first bytes, never by its name. */
export interface Shape {
  /**
   * `frames`: each request is a zstd frame behind its length. `zstd` and `gzip`: the whole file is one stream.
   * `letters`: dead letters of an earlier run, each in the encoding that it had.
   */
  readonly packing: 'none' | 'frames' | 'zstd' | 'gzip' | 'letters'
  readonly encoding: Encoding
}

/**
 * One export request of the backup: a line of JSON, or a protobuf message.
 * `from` and `to` are offsets into the file, or into what it unpacks to where it is one stream; `to` is where the next line starts.
 */
export interface Line {
  readonly file: BackupFile
  readonly from: number
  readonly to: number
  readonly signal: Signal
  readonly encoding: Encoding
  readonly bytes: Uint8Array
  /** Spans, data points or log records. */
  readonly items: number
}

/** An unbroken run of lines of one file. */
export interface Range {
  /** BackupFile.id */
  readonly file: string
  readonly from: number
  readonly to: number
  readonly lines: number
  readonly items: number
}

/** Several lines as one request. */
export interface Piece {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly body: Uint8Array
  readonly items: number
  readonly ranges: readonly Range[]
}
