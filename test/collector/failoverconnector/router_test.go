package failoverconnector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const interval = 5 * time.Second

// fakeLevels gives a router over levels that can be told to fail; it notes the levels that were called, in order.
func fakeLevels(n int, contains ...string) (r *router[string], broken map[int]string, calls *[]string) {
	broken, calls = map[int]string{}, &[]string{}
	r = &router[string]{selector: newSelector(n, interval), contains: contains}
	for level := range n {
		r.levels = append(r.levels, func(context.Context, string) error {
			*calls = append(*calls, fmt.Sprint(level))
			if text := broken[level]; text != "" {
				return errors.New(text)
			}
			return nil
		})
	}
	return r, broken, calls
}

// Each step sets what is broken, lets time pass and sends one batch.
type step struct {
	broken string // the levels that fail
	wait   time.Duration
	called string // the levels that saw the batch
	level  int    // afterwards; -1: none
	fails  bool
}

func TestRouter(t *testing.T) {
	cases := map[string][]step{
		"an error moves the same batch down":           {{"0", 0, "01", 1, false}, {"0", 0, "1", 1, false}},
		"a healed level waits for the tick":            {{"0", 0, "01", 1, false}, {"", 4 * time.Second, "1", 1, false}, {"", 2 * time.Second, "0", 0, false}},
		"a tick without success costs nothing":         {{"0", 0, "01", 1, false}, {"0", 6 * time.Second, "01", 1, false}, {"0", 0, "1", 1, false}},
		"missed ticks are one":                         {{"0", 0, "01", 1, false}, {"0", 21 * time.Second, "01", 1, false}, {"0", 0, "1", 1, false}},
		"past the last level nothing is tried":         {{"012", 0, "012", -1, true}, {"", 4 * time.Second, "", -1, true}, {"", 2 * time.Second, "0", 0, false}},
		"the highest level that works is taken":        {{"012", 0, "012", -1, true}, {"0", 6 * time.Second, "01", 1, false}, {"", 6 * time.Second, "0", 0, false}},
		"a new outage starts a new interval":           {{"0", 0, "01", 1, false}, {"", 6 * time.Second, "0", 0, false}, {"0", time.Minute, "01", 1, false}, {"", 4 * time.Second, "1", 1, false}},
		"the ticker runs on from the first level down": {{"0", 0, "01", 1, false}, {"01", 4 * time.Second, "12", 2, false}, {"", 2 * time.Second, "0", 0, false}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, broken, calls := fakeLevels(3)
				defer r.selector.shutdown()
				for i, s := range steps {
					clear(broken)
					for _, level := range s.broken {
						broken[int(level-'0')] = "refused"
					}
					*calls = nil
					time.Sleep(s.wait)
					synctest.Wait()
					err := r.consume(t.Context(), "batch")
					level, ok := r.level()
					if !ok {
						level = -1
					}
					got := step{s.broken, s.wait, strings.Join(*calls, ""), level, err != nil}
					if got != s {
						t.Errorf("step %d: got %+v, want %+v", i, got, s)
					}
				}
			})
		})
	}
}

func TestOnlyMatchingErrorsFailOver(t *testing.T) {
	r, broken, _ := fakeLevels(2, "refused", "Unavailable")
	defer r.selector.shutdown()
	broken[0] = "code = InvalidArgument"
	if err := r.consume(t.Context(), "batch"); err == nil || r.current != 0 {
		t.Errorf("an error without the text: got %v on level %d, want the error on level 0", err, r.current)
	}
	broken[0] = "code = Unavailable"
	if err := r.consume(t.Context(), "batch"); err != nil || r.current != 1 {
		t.Errorf("an error with the text: got %v on level %d, want none on level 1", err, r.current)
	}
}

func TestBatchesInFlightMoveOneLevelTogether(t *testing.T) {
	s := newSelector(3, interval)
	defer s.shutdown()
	s.failed(0)
	s.failed(0)
	if level, _ := s.level(); level != 1 {
		t.Errorf("got level %d, want 1", level)
	}
}
