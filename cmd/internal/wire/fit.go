package wire

import (
	"cmp"
	"context"
	"fmt"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/crawler/budget"
)

// fit lowers the requests in flight to what the machine has room for, by its
// limit of file descriptors and by memory, and says so.
func fit(s *config.Settings, descriptors func(want int) (int, error), say func(string)) {
	asked := s.Politeness.Concurrency
	if n, err := descriptors(asked); n < asked {
		why := "raise the limit of open files (ulimit -n) for more"
		if err != nil {
			why = err.Error()
		}
		say(fmt.Sprintf("--concurrency %d is %d: there are file descriptors for no more; %s", asked, n, why))
		s.Politeness.Concurrency = n
	}
	asked = s.Politeness.Concurrency
	if p := plan(s); p.Concurrency < asked {
		say(fmt.Sprintf("--concurrency %d is %d: %d MiB of memory have room for no more; raise --max-memory for more", asked, p.Concurrency, p.Limit>>20))
		s.Politeness.Concurrency = p.Concurrency
	}
}

// plan divides the memory that the crawl may have.
func plan(s *config.Settings) budget.Plan {
	return budget.Divide(cmp.Or(s.Limits.Memory, budget.Auto()), s.Politeness.Concurrency)
}

// WatchMemory has fewer bodies held, and so fewer requests in flight, the nearer
// the process gets to its limit, until ctx ends.
func (c *Crawl) WatchMemory(ctx context.Context) { c.memory.Watch(ctx, c.client.Hold) }
