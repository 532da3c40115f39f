import type { Failover } from '../collector/graph.ts'
import { exportersBehind } from '../collector/outlets.ts'
import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'

export interface Named {
  readonly name: string
  readonly exporters: readonly string[]
}

/**
 * The backends that a word means: a backend's own name, an exporter (`otlp/primary`), a level's pipeline
 * (`traces/primary`), the name part of either (`primary`), or a level (`level0`). `others` are
 * words that the caller knows besides; one of them may be the one that is meant.
 */
export function backendsCalled<B extends Named>(
  word: string,
  backends: readonly B[],
  failovers: readonly Failover[],
  others: readonly string[] = [],
): B[] {
  const known = vocabulary(backends, failovers)
  const meant = known.get(word)
  if (meant) return meant
  const guess = nearest(word, [...known.keys(), ...others])
  throw new FailoverctlError(
    'unknown-backend',
    `no backend is called ${word}`,
    `${guess ? `Did you mean ${guess}? ` : ''}The backends are ${backends.map(({ name }) => name).join(', ')}; their exporters, pipelines and levels (level0) are names for them, too.`,
  )
}

function vocabulary<B extends Named>(backends: readonly B[], failovers: readonly Failover[]): Map<string, B[]> {
  const known = new Map<string, B[]>()
  const add = (word: string, meant: readonly B[]) => {
    if (word === '' || meant.length === 0) return
    known.set(word, [...new Set([...(known.get(word) ?? []), ...meant])])
  }
  for (const backend of backends) {
    add(backend.name, [backend])
    for (const exporter of backend.exporters) {
      add(exporter, [backend])
      add(afterSlash(exporter), [backend])
    }
  }
  for (const { index, pipelines } of failovers.flatMap(({ levels }) => levels)) {
    for (const { id, outlets } of pipelines) {
      const behind = new Set(outlets.flatMap(exportersBehind))
      const meant = backends.filter(({ exporters }) => exporters.some(exporter => behind.has(exporter)))
      for (const word of new Set([id, afterSlash(id), `level${index}`])) add(word, meant)
    }
  }
  return known
}

const afterSlash = (id: string): string => (id.includes('/') ? id.slice(id.indexOf('/') + 1) : '')
