import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { decodeText } from '../source/decode-text.ts'
import { isOnlyManifests } from '../source/manifests.ts'

export interface Apart {
  readonly configs: readonly (readonly string[])[]
  /** Texts of files that hold manifests and no config. */
  readonly manifests: ReadonlyMap<string, string>
}

/** Sets files of manifests apart that hold no config: named beside one, they say what runs it. Alone they are what was asked for. */
export async function setManifestsApart(configs: readonly (readonly string[])[], { files, terminal }: Host): Promise<Apart> {
  const manifests = new Map<string, string>()
  if (configs.length > 1) {
    for (const file of configs.flatMap(locations => (locations.length === 1 ? locations : []))) {
      const text = await textOf(file, files)
      if (text !== undefined && isOnlyManifests(file, text)) manifests.set(file, text)
    }
  }
  const rest = configs.filter(([file = '', ...more]) => more.length > 0 || !manifests.has(file))
  if (rest.length === 0 || manifests.size === 0) return { configs, manifests: new Map() }
  terminal.err(`No config, only manifests: ${[...manifests.keys()].join(', ')}\n`)
  return { configs: rest, manifests }
}

// What cannot be read is told where it is checked. What has another name may be a pipe, and is there to be read once.
async function textOf(file: string, files: Host['files']): Promise<string | undefined> {
  if (!/\.(ya?ml|json)$/i.test(file)) return undefined
  try {
    return decodeText(file, await files.read(file))
  } catch (error) {
    if (error instanceof FailoverctlError) return undefined
    throw error
  }
}
