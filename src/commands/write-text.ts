import { FailoverctlError } from '../core/errors.ts'
import type { Files } from '../core/host.ts'
import { decodeText } from '../source/decode-text.ts'

const MARK = [0xef, 0xbb, 0xbf]

/** Puts a config back with some of it changed. The mark of UTF-8 at the start is no part of the text, and stays. */
export async function writeText(file: string, before: string, text: string, files: Files): Promise<void> {
  const bytes = await files.read(file)
  if (decodeText(file, bytes) !== before)
    throw new FailoverctlError('unwritable', `${file}: changed in the meantime`, 'Run it again.')
  const isMarked = MARK.every((byte, index) => bytes[index] === byte)
  await files.write(file, new Uint8Array([...(isMarked ? MARK : []), ...new TextEncoder().encode(text)]))
}
