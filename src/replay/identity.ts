import type { Entry } from '../core/disk.ts'

/**
 * So much of a file's start tells it from another that got the same inode. Ids and times stand behind the resource, which is the
 * same in every file of a collector, and takes some kilobytes where a pod's labels are attributes.
 */
const HEAD_BYTES = 16 * 1024

/** FNV-1a, 32 bits, twice with different starts: enough to tell two files of one inode apart. */
function hash(bytes: Uint8Array): string {
  let [one, two] = [0x811c9dc5, 0x050c5d1f]
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193)
    two = Math.imul(two ^ byte, 0x01000193) ^ (two >>> 15)
  }
  return [one, two].map(half => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

/**
 * Names a file by device, inode and the hash of its first bytes, so that it is known again after the exporter renamed it, and
 * a new file that got an old inode is not taken for the old one. `known` are ids of earlier runs: a file that was short then
 * keeps its id while it grows.
 */
export function identify({ device, inode }: Entry, head: Uint8Array, known: Iterable<string> = []): string {
  const place = `${device}-${inode}-`
  for (const id of known) {
    if (!id.startsWith(place)) continue
    const [length = '', digest] = id.slice(place.length).split('-')
    const start = head.subarray(0, Number(length))
    if (start.length < Number(length) || (start.length < head.length && saysTooLittle(start))) continue
    if (hash(start) === digest) return id
  }
  const start = head.subarray(0, HEAD_BYTES)
  return `${place}${start.length}-${hash(start)}`
}

const [BRACE, NEWLINE] = [0x7b, 0x0a]

/** A first line that was cut when the file was seen may hold no more than the resource. Nothing was sent of it. */
const saysTooLittle = (start: Uint8Array): boolean => start[0] === BRACE && start.length < HEAD_BYTES && !start.includes(NEWLINE)
