/** A config that no rule has anything against. */
export const GOOD = `processors: { memory_limiter: { check_interval: 1s, limit_mib: 512 } }
receivers: { otlp: { protocols: { grpc: } } }
exporters:
  otlp_http/primary: { endpoint: "a:4317", sending_queue: { enabled: false }, retry_on_failure: { enabled: false }, timeout: 5s }
  file/backup: { path: /var/backup.jsonl, append: true }
connectors:
  failover: { retry_interval: 9s, priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover], processors: [memory_limiter] }
    traces/primary: { receivers: [failover], exporters: [otlp_http/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
`
