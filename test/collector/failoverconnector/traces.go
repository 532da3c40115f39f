package failoverconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pipeline"
)

// unqueuedTraces answers the sender itself, and has no series in otelcol_exporter_*.
type unqueuedTraces struct {
	consumer.Traces
	component.StartFunc
	component.ShutdownFunc
}

func createTraces(ctx context.Context, set connector.Settings, config component.Config, next consumer.Traces) (connector.Traces, error) {
	cfg := config.(*Config)
	router, err := newRouter(set, cfg, func(ids ...pipeline.ID) (consume[ptrace.Traces], error) {
		level, err := next.(connector.TracesRouterAndConsumer).Consumer(ids...)
		if err != nil {
			return nil, err
		}
		return level.ConsumeTraces, nil
	})
	if err != nil {
		return nil, err
	}
	if cfg.Queue.HasValue() {
		return exporterhelper.NewTraces(ctx, asExporter(set), cfg, router.consume, queueOptions(cfg, router.shutdown)...)
	}
	direct, err := consumer.NewTraces(router.consume)
	return unqueuedTraces{Traces: direct, ShutdownFunc: router.shutdown}, err
}
