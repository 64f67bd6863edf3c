package memory_test

import (
	"testing"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
)

func TestSuite(t *testing.T) {
	frontiertest.Run(t, func(t *testing.T) func() frontier.Store {
		s := memory.New().Remember() // it survives as long as the process does
		return func() frontier.Store { return s }
	})
}
