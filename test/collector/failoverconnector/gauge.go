package failoverconnector

import (
	"context"
	"os"

	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// gaugeSwitch set to "off" gives the connector of the releases that have no level gauge. Tests need both forms.
const gaugeSwitch = "FAILOVER_LEVEL_GAUGE"

type gauge struct{ registration metric.Registration }

// newGauge publishes the selector's level, -1 when none is left.
func newGauge(set connector.Settings, levels *selector) (gauge, error) {
	if os.Getenv(gaugeSwitch) == "off" {
		return gauge{}, nil
	}
	meter := set.MeterProvider.Meter("failoverctl.test/collector/failoverconnector")
	instrument, err := meter.Int64ObservableGauge("otelcol_connector_failover_active_level", metric.WithDescription(
		"The index of the priority level the connector currently routes data to, starting at 0 for the highest priority. "+
			"Reports -1 when no active level remains after every level has failed. [Development]"))
	if err != nil {
		return gauge{}, err
	}
	attributes := metric.WithAttributes(attribute.String("connector", set.ID.String()))
	registration, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		level, ok := levels.level()
		if !ok {
			level = -1
		}
		observer.ObserveInt64(instrument, int64(level), attributes)
		return nil
	}, instrument)
	return gauge{registration}, err
}

func (g gauge) remove() error {
	if g.registration == nil {
		return nil
	}
	return g.registration.Unregister()
}
