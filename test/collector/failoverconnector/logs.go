package failoverconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pipeline"
)

// unqueuedLogs answers the sender itself, and has no series in otelcol_exporter_*.
type unqueuedLogs struct {
	consumer.Logs
	component.StartFunc
	component.ShutdownFunc
}

func createLogs(ctx context.Context, set connector.Settings, config component.Config, next consumer.Logs) (connector.Logs, error) {
	cfg := config.(*Config)
	router, err := newRouter(set, cfg, func(ids ...pipeline.ID) (consume[plog.Logs], error) {
		level, err := next.(connector.LogsRouterAndConsumer).Consumer(ids...)
		if err != nil {
			return nil, err
		}
		return level.ConsumeLogs, nil
	})
	if err != nil {
		return nil, err
	}
	if cfg.Queue.HasValue() {
		return exporterhelper.NewLogs(ctx, asExporter(set), cfg, router.consume, queueOptions(cfg, router.shutdown)...)
	}
	direct, err := consumer.NewLogs(router.consume)
	return unqueuedLogs{Logs: direct, ShutdownFunc: router.shutdown}, err
}
