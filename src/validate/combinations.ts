import type { Component } from '../collector/graph.ts'
import { asText, settingsOf } from '../collector/settings.ts'
import { readDuration } from '../source/duration.ts'
import { lookup } from '../source/value.ts'

/** Settings that each alone are fine and that a collector refuses as they are together, or a number out of range. */
export interface Refused {
  /** The setting to point at. */
  readonly path: string
  readonly message: string
  readonly hint: string
  /** Found only when the component is built: one that no pipeline uses passes. */
  readonly whenUsed?: boolean
}

type Read = ReturnType<typeof reader>

const reader = (component: Component) => {
  const settings = settingsOf(component)
  const value = (path: string) => lookup(component.settings, ...path.split('.'))
  return {
    has: (path: string) => settings.key(path) !== undefined,
    isTrue: (path: string, fallback = false) => settings.boolean(path, fallback).value,
    number: (path: string, fallback = 0) => settings.number(path, fallback).value,
    text: (path: string, fallback = '') => settings.text(path, fallback).value,
    ms: (path: string, fallback = 0) => settings.duration(path, fallback).value,
    /** Undefined where it is not written, or empty. */
    written: (path: string) => {
      const found = value(path)
      return found?.kind === 'scalar' ? asText(found) : undefined
    },
    isDuration: (path: string) => {
      const found = value(path)
      return found !== undefined && readDuration(found) !== undefined
    },
    texts: (path: string) => {
      const found = value(path)
      return found?.kind === 'list' ? found.items.map(item => asText(item) ?? '') : (asText(found)?.split(',') ?? [])
    },
  }
}

/** By component type, as `exporterType` names it; core and contrib 0.161.0, config.go of each. */
export const refusedIn = (component: Component, type: string): Refused[] =>
  [...(CHECKS.get(`${component.section}/${type}`) ?? [])].flatMap(check => check(reader(component)) ?? [])

type Check = (read: Read) => Refused | undefined

const when = (holds: boolean, path: string, message: string, hint: string): Refused | undefined =>
  holds ? { path, message, hint } : undefined

const fromZero =
  (path: string): Check =>
  read =>
    when(read.isDuration(path) && read.ms(path) < 0, path, `\`${path}\` is negative`, 'Write a duration from 0s.')

const queue: readonly Check[] = [
  read =>
    when(
      batchIsOn(read) &&
        read.isDuration('sending_queue.batch.flush_timeout') &&
        read.ms('sending_queue.batch.flush_timeout') <= 0,
      'sending_queue.batch.flush_timeout',
      '`flush_timeout` is not above 0',
      'Write a duration such as 200ms, or remove it.',
    ),
  read => {
    const [least, most] = [read.number('sending_queue.batch.min_size', 8192), read.number('sending_queue.batch.max_size')]
    return when(
      batchIsOn(read) && most > 0 && most < least,
      read.has('sending_queue.batch.max_size') ? 'sending_queue.batch.max_size' : 'sending_queue.batch',
      `\`max_size\` (${most}) is less than \`min_size\` (${least})`,
      'Make `max_size` 0, which is no limit, or at least as large.',
    )
  },
  read => {
    const sizer = read.text('sending_queue.sizer', 'requests')
    const own = read.text('sending_queue.batch.sizer', read.has('sending_queue.sizer') ? sizer : 'items')
    const [least, room] = [read.number('sending_queue.batch.min_size', 8192), read.number('sending_queue.queue_size', 1000)]
    return when(
      batchIsOn(read) && sizer === own && least > room,
      read.has('sending_queue.batch.min_size') ? 'sending_queue.batch.min_size' : 'sending_queue.batch',
      `\`min_size\` (${least}) is more than the queue holds (\`queue_size\` is ${room})`,
      'Make the queue larger, or `min_size` smaller.',
    )
  },
  read => {
    const keys = read.texts('sending_queue.batch.partition.metadata_keys')
    return when(batchIsOn(read) && twice(keys), 'sending_queue.batch.partition.metadata_keys', DUPLICATE, 'Name each once.')
  },
]

const queueIsOn = (read: Read) => read.isTrue('sending_queue.enabled', true)
const batchIsOn = (read: Read) =>
  queueIsOn(read) && read.has('sending_queue.batch') && read.isTrue('sending_queue.batch.enabled', true)

const DUPLICATE = 'a metadata key is there twice; capital letters make no difference'
const twice = (keys: readonly string[]) => new Set(keys.map(key => key.toLowerCase())).size < keys.length

const tls = (path: string, isServer: boolean): Check[] => [
  read => {
    const pair = (name: string) => read.text(`${path}.${name}_file`) !== '' || read.text(`${path}.${name}_pem`) !== ''
    const half = pair('cert') !== pair('key')
    const none =
      isServer && read.has(path) && read.isTrue(`${path}.enabled`, true) && !pair('cert') && !pair('key') && !isNull(read, path)
    return when(half || none, path, 'a certificate and its key are needed, both', 'Set `cert_file` and `key_file`.')
  },
  ...['ca', 'cert', 'key'].map(
    (name): Check =>
      read =>
        when(
          read.text(`${path}.${name}_file`) !== '' && read.text(`${path}.${name}_pem`) !== '',
          `${path}.${name}_pem`,
          `\`${name}_file\` and \`${name}_pem\` are both set`,
          'Keep one of them.',
        ),
  ),
  read => {
    const [least, most] = [read.text(`${path}.min_version`) || '1.2', read.text(`${path}.max_version`)]
    const bad = /^1\.[0-3]$/.test(most) && /^1\.[0-3]$/.test(least) && most < least
    return when(bad, `${path}.max_version`, `\`max_version\` is ${most}, and \`min_version\` is ${least}`, 'Allow 1.2 at least.')
  },
]

const isNull = (read: Read, path: string) =>
  read.written(path) === undefined && !read.has(`${path}.`) && read.text(path, 'null') === ''

const ranges = (most: number, ...paths: string[]): Check[] =>
  paths.map(
    path => read =>
      when(
        read.number(path) > most || read.number(path) < 0,
        path,
        `\`${path}\` is not from 0 to ${most}`,
        `Write a number from 0 to ${most}.`,
      ),
  )

const memoryLimiter: readonly Check[] = [
  ...ranges(100, 'limit_percentage', 'spike_limit_percentage'),
  ...['max_gc_interval_when_soft_limited', 'max_gc_interval_when_hard_limited'].map(fromZero),
  read => order(read, 'min_gc_interval_when_hard_limited', 'min_gc_interval_when_soft_limited', false),
  read => order(read, 'min_gc_interval_when_soft_limited', 'max_gc_interval_when_soft_limited', true),
  read => order(read, 'min_gc_interval_when_hard_limited', 'max_gc_interval_when_hard_limited', true),
  read =>
    ofGc(read, 'max_gc_interval_when_hard_limited') > 0
      ? order(read, 'max_gc_interval_when_hard_limited', 'max_gc_interval_when_soft_limited', true)
      : undefined,
]

const GC_DEFAULTS: ReadonlyMap<string, number> = new Map([
  ['min_gc_interval_when_soft_limited', 10_000],
  ['max_gc_interval_when_soft_limited', 30_000],
  ['max_gc_interval_when_hard_limited', 30_000],
])
const ofGc = (read: Read, path: string) => read.ms(path, GC_DEFAULTS.get(path) ?? 0)

function order(read: Read, small: string, large: string, zeroIsOff: boolean): Refused | undefined {
  const [least, most] = [ofGc(read, small), ofGc(read, large)]
  const bad = most < least && !(zeroIsOff && most <= 0)
  return when(bad, read.has(small) ? small : large, `\`${small}\` is longer than \`${large}\``, 'Make it shorter.')
}

const permissions: Check = read => {
  const text = read.written('directory_permissions')
  if (!read.isTrue('create_directory') || text === undefined || text === '') return undefined
  return when(
    !/^[0-7]+$/.test(text) || Number.parseInt(text, 8) > 0o777,
    'directory_permissions',
    '`directory_permissions` is no octal number up to 0777',
    'Write it as text: "0750".',
  )
}

const file: readonly Check[] = [
  read =>
    when(
      read.isTrue('append') && read.has('rotation'),
      'append',
      '`append` does not go with `rotation`',
      'Remove `append`: a file with rotation is not truncated.',
    ),
  read =>
    when(
      !read.isTrue('create_directory') && (read.written('directory_permissions') ?? '') !== '',
      'directory_permissions',
      '`directory_permissions` needs `create_directory: true`',
      'Set it, or remove the permissions.',
    ),
  permissions,
  fromZero('flush_interval'),
  read => {
    const path = read.written('path')
    if (!read.isTrue('group_by.enabled') || path === undefined || path === '') return undefined
    return when(
      path.split('*').length !== 2 || path.startsWith('*'),
      'path',
      'with `group_by` the path has exactly one `*`, and not at its start',
      'Write one, such as /backup/*.jsonl.',
    )
  },
  read =>
    when(
      read.isTrue('group_by.enabled') &&
        read.has('group_by.resource_attribute') &&
        read.written('group_by.resource_attribute') === '',
      'group_by.resource_attribute',
      '`resource_attribute` is empty',
      'Name the attribute.',
    ),
]

const fileStorage: readonly Check[] = [
  permissions,
  read =>
    when(
      read.isTrue('create_directory') && read.written('directory_permissions') === '',
      'directory_permissions',
      '`directory_permissions` is no octal number up to 0777',
      'Write it as text: "0750".',
    ),
  read =>
    when(
      read.isTrue('compaction.on_rebound') &&
        read.isDuration('compaction.check_interval') &&
        read.ms('compaction.check_interval') <= 0,
      'compaction.check_interval',
      '`check_interval` is not above 0',
      'Write a duration such as 5s.',
    ),
  ...(
    [
      ['compaction.rebound_needed_threshold_mib', 100],
      ['compaction.rebound_trigger_threshold_mib', 10],
    ] as const
  ).map(
    ([path, byDefault]): Check =>
      read =>
        when(
          read.isTrue('compaction.on_rebound') &&
            read.number('max_size') > 0 &&
            read.number(path, byDefault) * 2 ** 20 > read.number('max_size'),
          read.has(path) ? path : 'max_size',
          `\`${path}\` is more than \`max_size\``,
          '`max_size` is in bytes; make it larger.',
        ),
  ),
]

const batch: readonly Check[] = [
  fromZero('timeout'),
  read => {
    const [size, most] = [read.number('send_batch_size', 8192), read.number('send_batch_max_size')]
    return when(
      most > 0 && most < size,
      'send_batch_max_size',
      `\`send_batch_max_size\` (${most}) is less than \`send_batch_size\` (${size})`,
      'Make it 0, which is no limit, or at least as large.',
    )
  },
  read => when(twice(read.texts('metadata_keys')), 'metadata_keys', DUPLICATE, 'Name each once.'),
]

const retry = ['initial_interval', 'max_interval', 'max_elapsed_time'].map(name => fromZero(`retry_on_failure.${name}`))

// Go's url.Parse, as far as a person gets it wrong.
const url: Check = read => {
  const text = read.written('endpoint') ?? ''
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)/i.exec(text)?.[1] ?? ''
  const hasScheme = text.includes('://')
  const badHost = hasScheme
    ? /\s/.test(host) || /:(?!\d*$)[^\]]*$/.test(host)
    : /^[^/]*:/.test(text) && !/^[a-z][a-z0-9+.-]*:/i.test(text)
  const bad = badHost || /%(?![\da-f]{2})/i.test(host)
  const found = when(bad && !text.includes('${'), 'endpoint', '`endpoint` is no URL', 'Write one such as http://backend:4318.')
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

const debug: readonly Check[] = [
  ...queue,
  read =>
    when(
      read.has('output_paths') && read.isTrue('use_internal_logger', true),
      'output_paths',
      '`output_paths` does not go with `use_internal_logger`, which is on by default',
      'Set `use_internal_logger: false`, or remove the paths.',
    ),
]

const grpcServer = 'protocols.grpc'
const receiver: readonly Check[] = [
  ...tls(`${grpcServer}.tls`, true),
  ...tls('protocols.http.tls', true),
  read => {
    const path = `${grpcServer}.max_recv_msg_size_mib`
    return when(
      Math.trunc(read.number(path)) < 0 || read.number(path) > 8_796_093_022_207,
      path,
      '`max_recv_msg_size_mib` is out of range',
      'Write a number of MiB, such as 16.',
    )
  },
]

const CHECKS: ReadonlyMap<string, readonly Check[]> = new Map([
  ['receivers/otlp', receiver],
  ['processors/batch', batch],
  ['processors/memory_limiter', memoryLimiter],
  ['exporters/otlp_grpc', [fromZero('timeout'), ...queue, ...retry, ...tls('tls', false)]],
  ['exporters/otlp_http', [...queue, ...retry, ...tls('tls', false), compressionLevel, url]],
  ['exporters/file', file],
  ['exporters/debug', debug],
  ['connectors/failover', queue],
  ['extensions/file_storage', fileStorage],
  ['extensions/health_check', tls('tls', true)],
])
