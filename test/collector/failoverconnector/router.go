package failoverconnector

import (
	"context"
	"errors"
	"strings"

	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/pipeline"
)

// The sentences of the real connector, capital letter included: users see them in logs and in replies.
var (
	errAllFailed = errors.New("All provided pipelines return errors")
	errRegister  = errors.New("Error registering consumer")
)

// consume gives a batch to the pipelines of one level. An error of any of them is the level's.
type consume[T any] func(context.Context, T) error

// router sends batches of one signal to the current level.
type router[T any] struct {
	*selector
	levels   []consume[T]
	contains []string
	gauge    gauge
}

// newRouter looks the pipelines of each level up. The error names none of them, as in the real connector.
func newRouter[T any](set connector.Settings, cfg *Config, find func(...pipeline.ID) (consume[T], error)) (*router[T], error) {
	r := &router[T]{
		selector: newSelector(len(cfg.Levels), cfg.RetryInterval),
		contains: cfg.Condition.Error.Contains,
	}
	for _, ids := range cfg.Levels {
		level, err := find(ids...)
		if err != nil {
			return nil, errRegister
		}
		r.levels = append(r.levels, level)
	}
	var err error
	r.gauge, err = newGauge(set, r.selector)
	return r, err
}

func (r *router[T]) consume(ctx context.Context, batch T) error {
	if r.takeTick() && r.sample(ctx, batch) {
		return nil
	}
	for {
		level, ok := r.level()
		if !ok {
			return errAllFailed
		}
		err := r.levels[level](ctx, batch)
		if err == nil {
			return nil
		}
		if !r.failsOver(err) {
			return err
		}
		r.failed(level)
	}
}

// sample tries one batch on the levels above the current one, the highest first. What fails here costs the batch
// nothing: it still goes to the current level.
func (r *router[T]) sample(ctx context.Context, batch T) bool {
	current, _ := r.level()
	for level := range current {
		if r.levels[level](ctx, batch) == nil {
			r.recovered(level)
			return true
		}
	}
	return false
}

func (r *router[T]) failsOver(err error) bool {
	for _, text := range r.contains {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return len(r.contains) == 0
}

func (r *router[T]) shutdown(context.Context) error {
	r.selector.shutdown()
	return r.gauge.remove()
}
