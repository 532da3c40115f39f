import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { scalarOf } from '../simulate/sweep.ts'
import { NotEditable, type Path, reach } from '../source/change.ts'
import { decodeText } from '../source/decode-text.ts'
import { dataOf, editYaml } from '../source/edit-yaml.ts'
import { writeText } from './write-text.ts'

/** One value for one place of the config. */
export interface Setting {
  readonly path: Path
  readonly value: string
}

/** Puts the settings into the files that have them already, else into the last one; comments and layout stay. */
export async function writeSettings(
  locations: readonly string[],
  settings: readonly Setting[],
  { files, terminal }: Host,
): Promise<void> {
  const paths = writablePaths(locations)
  const before = new Map<string, string>()
  for (const path of paths) before.set(path, decodeText(path, await files.read(path)))
  const texts = new Map(before)
  for (const setting of settings) {
    const owner =
      paths.findLast(file => reach(dataOf(file, texts.get(file) as string), setting.path) === setting.path.length) ??
      (paths.at(-1) as string)
    texts.set(owner, edited(owner, texts.get(owner) as string, setting))
  }
  for (const [path, text] of texts) if (text !== before.get(path)) await writeText(path, before.get(path) as string, text, files)
  for (const { path, value } of settings) terminal.err(`wrote ${path.join('.')}: ${value}\n`)
}

/** The files among the locations. Throws `wrong-use` when there is none to write to. */
export function writablePaths(locations: readonly string[]): readonly string[] {
  const paths = locations.filter(location => !/^(?:-$|yaml:|env:)/.test(location)).map(location => location.replace(/^file:/, ''))
  if (paths.length > 0) return paths
  throw new FailoverctlError('wrong-use', '--write needs a config in a file', 'Name the file in place of standard input.')
}

function edited(file: string, text: string, { path, value }: Setting): string {
  try {
    return editYaml(file, text, { kind: 'set', path, to: scalarOf(value) })
  } catch (error) {
    if (!(error instanceof NotEditable)) throw error
    const key = path.join('.')
    throw new FailoverctlError(
      'unwritable',
      `${file}: ${key} cannot be set in place: ${error.message}`,
      `Set it by hand: ${key}: ${value}`,
    )
  }
}
