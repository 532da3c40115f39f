/**
 * Component types that were renamed and still resolve, with the release that renamed them
 * (core 0.144 for the OTLP exporters: issues 14396 and 14403; contrib 0.15x for the rest).
 */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['otlp', 'otlp_grpc'],
  ['otlphttp', 'otlp_http'],
  ['loadbalancing', 'load_balancing'],
])

/** The type under which this program knows an exporter: `otlp` is `otlp_grpc`. Receivers keep their names. */
export const exporterType = (type: string): string => RENAMED.get(type) ?? type

export interface ExporterKind {
  /** How it reaches its backend. */
  readonly wire: 'grpc' | 'http' | 'file' | 'none' | 'other'
  /** The exporter's own `timeout` when the config is silent; undefined where it has none. */
  readonly timeoutMs: number | undefined
  /** Whether `sending_queue` and `retry_on_failure` are on when the config is silent; undefined where they do not exist. */
  readonly queueByDefault: boolean | undefined
  readonly retryByDefault: boolean | undefined
}

/** Defaults of core and contrib 0.156 to 0.163: exporterhelper, otlpexporter, otlphttpexporter, kafkaexporter, fileexporter. */
const KINDS: ReadonlyMap<string, ExporterKind> = new Map<string, ExporterKind>([
  ['otlp_grpc', { wire: 'grpc', timeoutMs: 5000, queueByDefault: true, retryByDefault: true }],
  ['otlp_http', { wire: 'http', timeoutMs: 30_000, queueByDefault: true, retryByDefault: true }],
  ['kafka', { wire: 'other', timeoutMs: 5000, queueByDefault: true, retryByDefault: true }],
  ['load_balancing', { wire: 'other', timeoutMs: 5000, queueByDefault: false, retryByDefault: false }],
  ['file', { wire: 'file', timeoutMs: undefined, queueByDefault: undefined, retryByDefault: undefined }],
  ['debug', { wire: 'none', timeoutMs: undefined, queueByDefault: false, retryByDefault: undefined }],
  ['nop', { wire: 'none', timeoutMs: undefined, queueByDefault: undefined, retryByDefault: undefined }],
])

export const exporterKind = (type: string): ExporterKind | undefined => KINDS.get(exporterType(type))

/**
 * Processors that answer "accepted" before they deliver, so that an error behind them reaches nobody.
 * batch: processor/batchprocessor; groupbytrace and tail_sampling: contrib, both hold traces in memory.
 */
export const ACKNOWLEDGES_FIRST: ReadonlySet<string> = new Set(['batch', 'groupbytrace', 'group_by_trace', 'tail_sampling'])

/** The longest wait of a gRPC client before it dials again: 120 s and 20 % of jitter (grpc-go; model/grpc-channel.ts computes with it). */
export const LONGEST_DIAL_MS = 144_000
