import type { Component } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { lookup } from '../../source/value.ts'

/** Where a file exporter writes plain JSON lines, the form that arrivals are read from; undefined where it writes otherwise. */
export function jsonLinesPath({ settings }: Component): string | undefined {
  const text = (key: string) => asText(lookup(settings, key))
  const isLines = (text('format') ?? 'json') === 'json' && !text('compression') && !text('encoding')
  return isLines ? text('path') : undefined
}
