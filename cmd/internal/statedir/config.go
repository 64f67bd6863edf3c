package statedir

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// The notes.
const (
	configNote = "config"
	latestNote = "latest"
)

// A Config is what decides which URLs belong to a crawl. It cannot change
// while the crawl is kept: rows would be there that no rule lets in.
type Config struct {
	Seeds    Seeds               `json:"seeds"`
	Settings map[string][]string `json:"settings"` // by the names of the flags
}

// Seeds are the seeds of a crawl. Of many, the sum must do.
type Seeds struct {
	Count int      `json:"count"`
	Sum   uint64   `json:"sum"` // whatever their order
	Some  []string `json:"some"`
}

const maxSeeds = 1000

// NewConfig describes a crawl.
func NewConfig(seeds []weburl.URL, settings map[string][]string) Config {
	c := Config{Seeds: Seeds{Count: len(seeds)}, Settings: settings}
	for _, u := range seeds {
		c.Seeds.Sum += xxh3.HashString(u.String())
		if len(c.Seeds.Some) < maxSeeds {
			c.Seeds.Some = append(c.Seeds.Some, u.String())
		}
	}
	return c
}

// Latest are the settings that may change from run to run, as far as explain
// needs them.
type Latest struct {
	Depth  int              `json:"depth"`           // negative is no limit
	Agent  string           `json:"agent,omitempty"` // to which robots.txt is read; "" when it is not obeyed
	Policy recrawl.Policy   `json:"policy"`
	Traps  trap.Mode        `json:"traps,omitempty"`
	Skip   []recipe.Pattern `json:"skip,omitempty"`   // of the recipes
	Follow bool             `json:"follow,omitempty"` // only links that a recipe or a flag names
}

// differs says what is other in want, in words; "" when nothing is.
func (c *Config) differs(want *Config) string {
	all := c.Seeds.differs(&want.Seeds)
	for _, name := range slices.Sorted(maps.Keys(want.Settings)) {
		was, is := c.Settings[name], want.Settings[name]
		if !slices.Equal(was, is) {
			all = append(all, fmt.Sprintf("--%s is %s, and was %s", name, inWords(is), inWords(was)))
		}
	}
	return strings.Join(all, ", ")
}

func inWords(values []string) string {
	if len(values) == 0 {
		return "not given"
	}
	return strings.Join(values, " ")
}

const maxNamed = 3 // seeds in a message

func (s *Seeds) differs(want *Seeds) (all []string) {
	if s.Count == want.Count && s.Sum == want.Sum {
		return nil
	}
	if s.Count > maxSeeds || want.Count > maxSeeds {
		return []string{fmt.Sprintf("the seeds are %d others, and were %d", want.Count, s.Count)}
	}
	all = append(missing(want.Some, s.Some, "is a new seed"), missing(s.Some, want.Some, "is no seed now")...)
	if more := len(all) - maxNamed; more > 0 {
		all = append(all[:maxNamed], fmt.Sprintf("and %d more seeds differ", more))
	}
	return all
}

func missing(from, in []string, is string) (all []string) {
	for _, seed := range from {
		if !slices.Contains(in, seed) {
			all = append(all, seed+" "+is)
		}
	}
	return all
}

func note(key string, content any) frontier.Note {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // texts and numbers always have a JSON form
	}
	return frontier.Note{Key: key, Value: text}
}
