import type { KitWish } from './wish.ts'

const MEGABYTE = 1_000_000
const ROTATED_MEGABYTES = 512
/** What JSON takes where protobuf takes one byte, about: a backup is written as JSON lines. */
const JSON_SHARE = 2
/** A queue on disk and a volume are larger than what is in them. */
const ROOM = 1.3

export interface Sizes {
  /** Of a rotated backup file. */
  readonly rotatedMegabytes: number
  /** How many rotated files each signal keeps besides the one that is written. */
  readonly backups: number
  /** Requests that a queue holds for the outage. */
  readonly queuedRequests: number
  /** Of the volume for backups and queues, in GiB. */
  readonly volumeGibibytes: number
}

/** A request of an SDK or agent, about. */
const REQUEST_BYTES = 64 * 1024

/** What has to fit while an outage lasts. Each signal alone may be all of the traffic: nobody knows beforehand which one floods. */
export function sizesFor({ outageMs, bytesPerSecond }: Pick<KitWish, 'outageMs' | 'bytesPerSecond'>): Sizes {
  const bytes = (bytesPerSecond * outageMs) / 1000
  const backups = Math.max(1, Math.ceil((bytes * JSON_SHARE) / (ROTATED_MEGABYTES * MEGABYTE)))
  const onDisk = 3 * (backups + 1) * ROTATED_MEGABYTES * MEGABYTE
  return {
    rotatedMegabytes: ROTATED_MEGABYTES,
    backups,
    queuedRequests: Math.max(1000, Math.ceil(bytes / REQUEST_BYTES)),
    volumeGibibytes: Math.ceil((onDisk * ROOM) / 2 ** 30),
  }
}
