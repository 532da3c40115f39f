import { FailoverctlError } from '../core/errors.ts'

// A chart with all of its manifests has about one; more takes longer than a person waits for a linter.
const MAX_BYTES = 4 * 1024 * 1024

/** The text of a file, or an error that says why it is no text worth reading. */
export function decodeText(file: string, bytes: Uint8Array): string {
  if (bytes.length > MAX_BYTES) {
    throw new FailoverctlError(
      'too-large',
      `${file}: larger than 4 MiB`,
      'A Collector config is some kilobytes: check that this is the right file.',
    )
  }
  if (hasUtf16Mark(bytes)) {
    throw new FailoverctlError(
      'binary-file',
      `${file}: UTF-16 text, and the Collector reads UTF-8 only`,
      'Save the file as UTF-8.',
    )
  }
  const text = decode(file, bytes)
  if (text.trim() === '')
    throw new FailoverctlError('empty-file', `${file}: empty`, 'Write a config into it, or name another file.')
  return text
}

function decode(file: string, bytes: Uint8Array): string {
  if (bytes.includes(0)) throw new FailoverctlError('binary-file', `${file}: not text, it holds zero bytes`, WANTS_YAML)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FailoverctlError('binary-file', `${file}: not valid UTF-8`, WANTS_YAML, cause)
  }
}

const WANTS_YAML = 'Name a YAML file in UTF-8.'

const hasUtf16Mark = ([first, second]: Uint8Array) => (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
