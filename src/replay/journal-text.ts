/** One record of the checkpoint, a line of text each: a checksum and JSON. */
export type JournalRecord =
  /** A range of a file is settled, with its lines and items and what became of them. */
  | {
      readonly do: 'settled'
      readonly id: string
      readonly from: number
      readonly to: number
      readonly lines: number
      readonly items: number
      readonly as: Fate
    }
  /** A file is seen for the first time, or under another name. Of a packed one, ranges are those of what it unpacks to. */
  | { readonly do: 'file'; readonly id: string; readonly path: string; readonly size: number; readonly packed?: true }
  /** All of the file is settled, and this is where it went; without a path it stayed or was deleted. */
  | { readonly do: 'done'; readonly id: string; readonly size: number; readonly path?: string }

export type Fate = 'acknowledged' | 'dead-letter' | 'skipped'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const encodeRecords = (records: readonly JournalRecord[]): Uint8Array =>
  encoder.encode(records.map(record => lineOf(JSON.stringify(record))).join(''))

const lineOf = (text: string): string => `${checksum(encoder.encode(text))} ${text}\n`

/** A record that was cut by a crash, or damaged, is as if it had not been written: its range is sent again. */
export function decodeRecords(data: Uint8Array): JournalRecord[] {
  return decoder
    .decode(data)
    .split('\n')
    .flatMap(line => {
      const text = line.slice(9)
      return line.length > 9 && line.slice(0, 8) === checksum(encoder.encode(text)) ? [JSON.parse(text) as JournalRecord] : []
    })
}

/** CRC-32 (ISO 3309) as eight digits. */
function checksum(bytes: Uint8Array): string {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number)
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0')
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})
