// Package failoverconnector stands in for contrib's failover connector in the tests: the same settings, the same
// refusals and the same behaviour as its newest releases, written anew from what those can be seen to do.
package failoverconnector

import (
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pipeline"
)

// Config has no retry_gap and no max_retries: they went in 0.157, and a config that still has them must be refused.
type Config struct {
	// Levels are lists of pipelines, the preferred list first. The pipelines of one level all get the data.
	Levels [][]pipeline.ID `mapstructure:"priority_levels"`
	// RetryInterval is how often a batch is tried on the levels above the current one.
	RetryInterval time.Duration `mapstructure:"retry_interval"`
	// Queue is the connector's own. Without it a sender waits for the level's answer and gets its error.
	Queue     configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	Condition Condition                                                `mapstructure:"condition"`
	_         struct{}
}

// Condition narrows the errors that move the connector to another level. Empty: any error does.
type Condition struct {
	Error ErrorCondition `mapstructure:"error"`
}

// ErrorCondition holds for an error whose text has one of these strings in it (a list since 0.163).
type ErrorCondition struct {
	Contains []string `mapstructure:"contains"`
}

func defaultConfig() component.Config {
	return &Config{
		RetryInterval: 10 * time.Minute,
		Queue:         configoptional.Some(exporterhelper.NewDefaultQueueConfig()),
	}
}

// Validate uses the sentences of the real connector: users search for them.
func (c *Config) Validate() error {
	if len(c.Levels) == 0 {
		return errors.New("No pipelines are defined in the priority list")
	}
	if c.RetryInterval <= 0 {
		return errors.New("Retry interval must be positive")
	}
	return nil
}

// Validate refuses an empty string, which every error contains.
func (c *ErrorCondition) Validate() error {
	for _, text := range c.Contains {
		if text == "" {
			return errors.New("`contains` must not have an empty string")
		}
	}
	return nil
}
