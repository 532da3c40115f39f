import type { Component, Failover, Graph, Queue } from '../collector/graph.ts'
import { settingsOf } from '../collector/settings.ts'
import { since, type Version } from '../collector/versions.ts'
import type { BatcherSettings } from './batcher.ts'
import type { FileSettings } from './file-store.ts'
import type { QueueBatch, QueueSettings, Sizer } from './queue.ts'

const MEBIBYTE = 1024 ** 2
/** contrib 0.123 (pull request 38064): one batch is tried on the higher levels each retry_interval. */
const SAMPLING_SINCE = 123
/** contrib issue 36587, fixed by 36605. */
const ZERO_IS_UNLIMITED_SINCE = 116

/** A bare integer is nanoseconds: timers that are meant in seconds must not make a million events a second. */
export const atLeast = (ms: number): number => Math.max(1, ms)

/** A queue as the model takes it; `owner` is the exporter or the connector that has the section. */
export const queueSettings = (
  graph: Graph,
  owner: Component,
  signal: string,
  queue: Queue,
  child: string,
): Omit<QueueSettings, 'storage'> & { readonly storage: NonNullable<QueueSettings['storage']> } => ({
  owner: owner.id,
  signal,
  child,
  size: queue.size,
  sizer: queue.sizer,
  consumers: queue.consumers,
  blockOnOverflow: queue.blockOnOverflow,
  waitForResult: queue.waitForResult && !queue.storage,
  batch: queueBatchOf(owner, queue.sizer),
  storage: storageOf(graph, queue),
})

/** `sending_queue.batch`, which is off unless it is written (core 0.161 exporterhelper/internal/queuebatch/config.go). */
function queueBatchOf(owner: Component, queueSizer: Sizer): QueueBatch | undefined {
  const settings = settingsOf(owner)
  if (!settings.section('sending_queue.batch')) return undefined
  const sizer = settings.text('sending_queue.batch.sizer', queueSizer === 'bytes' ? 'bytes' : 'items').value
  return {
    flushMs: atLeast(settings.duration('sending_queue.batch.flush_timeout', 200).value),
    minSize: settings.number('sending_queue.batch.min_size', 8192).value,
    maxSize: settings.number('sending_queue.batch.max_size', 0).value,
    sizer: sizer === 'bytes' ? 'bytes' : 'items',
  }
}

/** What a `file_storage` keeps: with `fsync` each write is on disk, without it the kernel has it. Other storages count as synced. */
function storageOf(graph: Graph, { storage }: Queue): NonNullable<QueueSettings['storage']> {
  if (!storage) return 'memory'
  const extension = graph.components.extensions.get(storage.id)
  if (extension?.type !== 'file_storage') return 'file-fsync'
  return settingsOf(extension).boolean('fsync', false).value ? 'file-fsync' : 'file'
}

export function batcherSettings(component: Component, child: string): BatcherSettings {
  const settings = settingsOf(component)
  const timeout = settings.duration('timeout', 200).value
  return {
    processor: component.id,
    child,
    timeoutMs: timeout > 0 ? atLeast(timeout) : 0,
    sendBatchSize: settings.number('send_batch_size', 8192).value,
    sendBatchMaxSize: settings.number('send_batch_max_size', 0).value,
  }
}

/** undefined where the limit is a share of a memory that nobody told. */
export function softLimitOf(component: Component): number | undefined {
  const settings = settingsOf(component)
  const limit = settings.number('limit_mib', 0).value
  if (limit <= 0) return undefined
  const spike = settings.number('spike_limit_mib', 0).value
  return (limit - (spike > 0 ? spike : Math.floor(limit / 5))) * MEBIBYTE
}

export const checkIntervalOf = (component: Component): number => settingsOf(component).duration('check_interval', 0).value

export function fileSettings(exporter: Component): FileSettings {
  const settings = settingsOf(exporter)
  const rotates = settings.section('rotation') !== undefined || settings.key('rotation') !== undefined
  return {
    append: settings.boolean('append', false).value,
    grouped: settings.boolean('group_by.enabled', false).value,
    rotation: rotates
      ? {
          maxBytes: settings.number('rotation.max_megabytes', 100).value * MEBIBYTE,
          maxBackups: settings.number('rotation.max_backups', 100).value,
          maxDays: settings.number('rotation.max_days', 0).value,
        }
      : undefined,
    flushMs: rotates ? 0 : settings.duration('flush_interval', 1000).value,
  }
}

/** The settings that only the form up to 0.122 obeys; undefined for the newer ones. */
export function classicSettings({ component }: Failover, version: Version) {
  if (since(version, SAMPLING_SINCE)) return undefined
  const settings = settingsOf(component)
  return {
    retryGapMs: atLeast(settings.duration('retry_gap', 30_000).value),
    maxRetries: settings.number('max_retries', 10).value,
    zeroBlocks: !since(version, ZERO_IS_UNLIMITED_SINCE),
  }
}
