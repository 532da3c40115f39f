import type { Component } from '../../collector/graph.ts'
import { batch } from './batch.ts'
import { debug, otlpGrpc, otlpHttp } from './exporters.ts'
import { failover } from './failover.ts'
import { file, fileStorage } from './files.ts'
import { healthCheck } from './health-check.ts'
import { memoryLimiter } from './memory-limiter.ts'
import { type Check, type Refused, reader } from './part.ts'
import { receiver } from './receiver.ts'

/** By component type, as `exporterType` names it; core and contrib 0.161.0, config.go of each. */
export const refusedIn = (component: Component, type: string): Refused[] =>
  [...(CHECKS.get(`${component.section}/${type}`) ?? [])].flatMap(check => check(reader(component)) ?? [])

const CHECKS: ReadonlyMap<string, readonly Check[]> = new Map([
  ['receivers/otlp', receiver],
  ['processors/batch', batch],
  ['processors/memory_limiter', memoryLimiter],
  ['exporters/otlp_grpc', otlpGrpc],
  ['exporters/otlp_http', otlpHttp],
  ['exporters/file', file],
  ['exporters/debug', debug],
  ['connectors/failover', failover],
  ['extensions/file_storage', fileStorage],
  ['extensions/health_check', healthCheck],
])
