package failoverconnector

import (
	"sync"
	"time"
)

// selector knows the current level and when it is time to try the ones above it.
type selector struct {
	levels   int
	interval time.Duration
	// due holds at most one token: ticks that no batch has used do not add up.
	due chan struct{}

	mu      sync.Mutex
	current int           // == levels when every level has failed
	stop    chan struct{} // nil while no ticker runs
}

func newSelector(levels int, interval time.Duration) *selector {
	return &selector{levels: levels, interval: interval, due: make(chan struct{}, 1)}
}

// level is the current one; ok is false when none is left.
func (s *selector) level() (level int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, s.current < s.levels
}

// takeTick reports whether a tick has passed since the last call; only one batch gets it.
func (s *selector) takeTick() bool {
	select {
	case <-s.due:
		return true
	default:
		return false
	}
}

// failed moves one level down. Batches that were under way on the same level at the same time report the same
// outage, so only the first of them moves it.
func (s *selector) failed(level int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if level != s.current {
		return
	}
	s.current++
	if s.stop == nil {
		s.stop = make(chan struct{})
		go s.tick(s.stop)
	}
}

// recovered makes a level that took a sample the current one. At the top there is nothing left to wait for.
func (s *selector) recovered(level int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if level >= s.current {
		return
	}
	s.current = level
	if level == 0 {
		s.stopTicker()
	}
}

func (s *selector) shutdown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopTicker()
}

func (s *selector) stopTicker() {
	if s.stop != nil {
		close(s.stop)
		s.stop = nil
	}
	s.takeTick() // a tick of this outage must not count for the next one
}

func (s *selector) tick(stop <-chan struct{}) {
	ticker := time.NewTicker(s.interval)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			select {
			case s.due <- struct{}{}:
			default:
			}
		}
	}
}
