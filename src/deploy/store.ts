import type { Host } from '../core/host.ts'
import { type DeployRecord, EMPTY, parseRecord, recordText } from './record.ts'

export const FOLDER = '.failoverctl/deploy'

/** Where the record of a target is kept. */
export interface RecordStore {
  read(): Promise<DeployRecord>
  /** Durable when it resolves. Throws `conflict` when somebody else has written it since it was read. */
  write(record: DeployRecord): Promise<void>
}

export const recordFile = (slug: string): string => `${FOLDER}/${slug}.json`

/** On this disk, for its owner alone, as configs may hold secrets: after a crash it is the old record or the new one. */
export function diskStore(slug: string, { disk }: Pick<Host, 'disk'>): RecordStore {
  const [file, draft] = [recordFile(slug), `${FOLDER}/${slug}.draft`]
  return {
    async read() {
      return parseRecord((await readText(file, { disk })) ?? '') ?? EMPTY
    },
    async write(record) {
      await disk.secretFolder(FOLDER)
      await disk.remove(draft)
      const appender = await disk.appender(draft, { secret: true })
      try {
        await appender.append(new TextEncoder().encode(recordText(record)))
        await appender.sync()
      } finally {
        await appender.close()
      }
      await disk.replace(draft, file)
      await disk.syncFolder(FOLDER)
    },
  }
}

/** The one beside the target tells what is true, whoever asks from wherever; the one on this disk is left when that is lost. */
export const bothStores = (shared: RecordStore, own: RecordStore): RecordStore => ({
  async read() {
    const record = await shared.read()
    return record.attempt || record.history.length > 0 ? record : own.read()
  },
  async write(record) {
    await own.write(record)
    await shared.write(record)
  },
})

export async function readText(path: string, { disk }: Pick<Host, 'disk'>): Promise<string | undefined> {
  const entry = await disk.look(path)
  if (!entry || entry.folder) return undefined
  const file = await disk.open(path)
  try {
    const bytes = new Uint8Array(entry.size)
    return new TextDecoder().decode(bytes.subarray(0, await file.read(bytes, 0)))
  } finally {
    await file.close()
  }
}
