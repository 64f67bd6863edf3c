package wire

import (
	"errors"
	"slices"
	"testing"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

// There are as many requests in flight as there are descriptors and memory
// for, and the user is told when that is fewer than were asked for.
func TestFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		memory      int64
		descriptors int
		err         error
		want        int
		said        []string
	}{
		"all fit": {1 << 40, 10_000, nil, 10_000, nil},
		"few descriptors": {1 << 40, 153, nil, 153, []string{
			"--concurrency 10000 is 153: there are file descriptors for no more; raise the limit of open files (ulimit -n) for more"}},
		"descriptors that may not be raised": {1 << 40, 153, errors.New("raise the limit: not permitted"), 153, []string{
			"--concurrency 10000 is 153: there are file descriptors for no more; raise the limit: not permitted"}},
		"little memory": {256 << 20, 10_000, nil, 2048, []string{
			"--concurrency 10000 is 2048: 256 MiB of memory have room for no more; raise --max-memory for more"}},
	} {
		var said []string
		s := &config.Settings{Limits: config.Limits{Memory: c.memory}, Politeness: config.Politeness{Concurrency: 10_000}}
		fit(s, func(int) (int, error) { return c.descriptors, c.err }, func(text string) { said = append(said, text) })
		if s.Politeness.Concurrency != c.want || !slices.Equal(said, c.said) {
			t.Errorf("%s: %d requests, want %d; said %q", name, s.Politeness.Concurrency, c.want, said)
		}
	}
}
