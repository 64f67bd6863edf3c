package crawler

import (
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

// A URL that is in no state is told of, with how many there are.
func TestWhatIsUnaccountedForIsTold(t *testing.T) {
	n := frontier.Counts{Known: 10, Queued: 1, Leased: 1, Fetched: 3, Failed: 2, Skipped: 3}
	if err := accounted(n); err != nil {
		t.Errorf("%+v: %v", n, err)
	}
	for off, known := range map[string]int64{"2 URLs are unaccounted for": 12, "-1 URLs are unaccounted for": 9} {
		n.Known = known
		if err := accounted(n); err == nil || !strings.HasPrefix(err.Error(), off) {
			t.Errorf("%+v: %v, want %s", n, err, off)
		}
	}
}

// Of a host that is timed its name is kept, and not the URL that it was of.
func TestATimedHostKeepsNoURL(t *testing.T) {
	const hosts, size = 64, 1 << 20
	times := newTally()
	kept := heaptest.Grown(times, func() {
		for i := range hosts {
			url := "http://" + string(rune('A'+i)) + "/" + strings.Repeat("a", size)
			times.time(url[7:8], time.Second)
		}
	})
	if len(times.hosts) != hosts || kept > hosts*size/2 {
		t.Errorf("%d hosts of URLs of %d KiB keep %d KiB", len(times.hosts), size>>10, kept>>10)
	}
}
