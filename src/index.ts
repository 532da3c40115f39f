/**
 * failoverctl as a library: read a collector config with positions, check it, compute how it behaves.
 * Everything that touches the world comes in through a `Host` (src/core/host.ts).
 */
export type { Failover, Graph, Level, Pipeline } from './collector/graph.ts'
export { readGraph } from './collector/read-graph.ts'
export { NEWEST, parseVersion, type Version } from './collector/versions.ts'
export { type ErrorCode, FailoverctlError } from './core/errors.ts'
export type { Host } from './core/host.ts'
export { VERSION } from './core/version.ts'
export { type LevelReading, readLevel } from './metrics/level.ts'
export { parsePrometheus, type Sample } from './metrics/prometheus.ts'
export { type Built, buildCollector, entryOf } from './model/build.ts'
export { type Collector, type CollectorEvent, type CollectorState, startState, step } from './model/collector.ts'
export type { Batch, Effect, Node, Result, Task } from './model/node.ts'
export type { Outcome } from './model/outcome.ts'
export { readConfig } from './source/read-config.ts'
export type { At, Note, Value } from './source/value.ts'
export { checkConfig, type Finding } from './validate/check.ts'
export { RULES } from './validate/rules/index.ts'
