package failoverconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pipeline"
)

// unqueuedMetrics answers the sender itself, and has no series in otelcol_exporter_*.
type unqueuedMetrics struct {
	consumer.Metrics
	component.StartFunc
	component.ShutdownFunc
}

func createMetrics(ctx context.Context, set connector.Settings, config component.Config, next consumer.Metrics) (connector.Metrics, error) {
	cfg := config.(*Config)
	router, err := newRouter(set, cfg, func(ids ...pipeline.ID) (consume[pmetric.Metrics], error) {
		level, err := next.(connector.MetricsRouterAndConsumer).Consumer(ids...)
		if err != nil {
			return nil, err
		}
		return level.ConsumeMetrics, nil
	})
	if err != nil {
		return nil, err
	}
	if cfg.Queue.HasValue() {
		return exporterhelper.NewMetrics(ctx, asExporter(set), cfg, router.consume, queueOptions(cfg, router.shutdown)...)
	}
	direct, err := consumer.NewMetrics(router.consume)
	return unqueuedMetrics{Metrics: direct, ShutdownFunc: router.shutdown}, err
}
