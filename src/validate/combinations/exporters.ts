import { type Check, fromZero, when } from './part.ts'
import { queue } from './queue.ts'
import { tls } from './tls.ts'
import { isUrl } from './url.ts'

const retry = ['initial_interval', 'max_interval', 'max_elapsed_time'].map(name => fromZero(`retry_on_failure.${name}`))

const url: Check = read => {
  const bad = !read.isUnknown('endpoint') && !isUrl(read.written('endpoint') ?? '')
  const found = when(bad, 'endpoint', '`endpoint` is no URL', 'Write one such as http://backend:4318.')
  return found && { ...found, whenUsed: true }
}

const MOST_LEVEL: ReadonlyMap<string, number> = new Map([
  ['gzip', 9],
  ['zlib', 9],
  ['deflate', 9],
])

const compressionLevel: Check = read => {
  const type = read.text('compression', 'gzip') || 'none'
  const level = read.number('compression_params.level')
  const most = MOST_LEVEL.get(type) ?? (type === 'zstd' ? Number.POSITIVE_INFINITY : 0)
  const bad = level !== 0 && (level > most || (level < -1 && type !== 'zstd') || (level < 0 && most === 0))
  return when(bad, 'compression_params.level', `${type} has no level ${level}`, 'Remove it to have the default.')
}

export const otlpGrpc: readonly Check[] = [fromZero('timeout'), ...queue, ...retry, ...tls('tls', false)]

export const otlpHttp: readonly Check[] = [...queue, ...retry, ...tls('tls', false), compressionLevel, url]

export const debug: readonly Check[] = [
  ...queue,
  read =>
    when(
      read.has('output_paths') && !read.isNull('output_paths') && read.isTrue('use_internal_logger', true),
      'output_paths',
      '`output_paths` does not go with `use_internal_logger`, which is on by default',
      'Set `use_internal_logger: false`, or remove the paths.',
    ),
]
