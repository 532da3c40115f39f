import { FailoverctlError } from '../core/errors.ts'
import { readDocuments } from './read-yaml.ts'
import { unwrap } from './unwrap.ts'
import { lookup, type Value } from './value.ts'

/** Whether a file holds Kubernetes manifests and no collector config in any of them. What cannot be read is no such file. */
export function isOnlyManifests(file: string, text: string): boolean {
  if (!/^["']?kind["']?\s*:/m.test(text)) return false
  try {
    const values = Array.from(readDocuments(file, text), ({ value }) => value).filter(isThere)
    return values.length > 0 && values.every(isManifest) && unwrap(file, text).length === 0
  } catch (error) {
    if (error instanceof FailoverctlError && error.code !== 'bug') return false
    throw error
  }
}

const isThere = (value: Value) => value.kind !== 'scalar' || value.value !== null
const isManifest = (value: Value) => ['apiVersion', 'kind'].every(key => lookup(value, key)?.kind === 'scalar')
