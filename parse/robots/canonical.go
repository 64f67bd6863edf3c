package robots

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/temoto/robotstxt"
)

// canonical is what a file asks beside its rules, written anew for github.com/temoto/robotstxt: well-formed lines in ASCII, of a
// field and one word each.
type canonical struct {
	text strings.Builder
}

// group names an agent and its delay. Agents without a delay have a line all the same, since temoto makes no group of a user-agent
// line alone; of two delays for one agent it keeps the later.
func (c *canonical) group(token string, seconds float64) {
	fmt.Fprintf(&c.text, "user-agent: %s\ncrawl-delay: %g\n", groupName(token), seconds)
}

// sitemap escapes the value, which is any text and must come back as it was: temoto would cut it at the first space and replace
// what is not UTF-8.
func (c *canonical) sitemap(value string) {
	fmt.Fprintf(&c.text, "sitemap: %s\n", url.QueryEscape(value))
}

func (c *canonical) read() (*robotstxt.RobotsData, error) {
	return robotstxt.FromString(c.text.String())
}

// groupName is how the canonical text spells a lower-case product token. No token holds the slash, so that temoto, which takes any
// prefix of an agent's name for the agent, finds whole names only; nor does it find a name of one letter without, for it holds "*"
// to be as good.
func groupName(token string) string {
	if token == "*" {
		return token
	}
	return token + "/"
}
