package failoverconnector

import (
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

// NewFactory makes the `failover` connector, which joins pipelines of the same signal only.
func NewFactory() connector.Factory {
	return connector.NewFactory(
		component.MustNewType("failover"),
		defaultConfig,
		connector.WithTracesToTraces(createTraces, component.StabilityLevelAlpha),
		connector.WithMetricsToMetrics(createMetrics, component.StabilityLevelAlpha),
		connector.WithLogsToLogs(createLogs, component.StabilityLevelAlpha),
	)
}

// asExporter gives the queue the connector's id, so that its series carry exporter="failover".
func asExporter(set connector.Settings) exporter.Settings {
	return exporter.Settings{ID: set.ID, TelemetrySettings: set.TelemetrySettings, BuildInfo: set.BuildInfo}
}

// queueOptions switch off the helper's own timeout of 5 s, which would cap those of the exporters behind a level.
func queueOptions(cfg *Config, shutdown component.ShutdownFunc) []exporterhelper.Option {
	return []exporterhelper.Option{
		exporterhelper.WithQueue(cfg.Queue),
		exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{}),
		exporterhelper.WithShutdown(shutdown),
	}
}
