package robots

import "strings"

// agentName returns whom a User-agent line names: "*" or a product token, "" if neither. What follows the token, such as a version,
// is not part of the name.
func agentName(value string) string {
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		return "*"
	}
	return productToken(value)
}

// headerToken returns the product token of a User-Agent header: its first product, or the one that a crawler in a browser's clothes
// names in its comment, as in "Mozilla/5.0 (compatible; trawl/1.0; +https://example.org/bot)".
func headerToken(agent string) string {
	first := productToken(strings.TrimSpace(agent))
	if strings.EqualFold(first, "Mozilla") {
		if _, comment, ok := strings.Cut(agent, "compatible;"); ok {
			if name := productToken(strings.TrimSpace(comment)); name != "" {
				return name
			}
		}
	}
	return first
}

// productToken returns the token that s begins with. RFC 9309 §2.2.1 allows letters, "_" and "-"; crawlers in use have digits and
// dots as well.
func productToken(s string) string {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte("_-.", s[i]) < 0 {
			return s[:i]
		}
	}
	return s
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}
