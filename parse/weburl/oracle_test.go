package weburl_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	oracle "github.com/nlnwa/whatwg-url/url"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// FuzzOracle compares with another implementation of the standard, written by others in the standard's own steps.
func FuzzOracle(f *testing.F) {
	for _, base := range []string{"http://a.example/b/c/d?q", "https://a.example:8443/"} {
		for _, ref := range []string{
			"http:x", "http:/x", "http:///x", `\\h\x`, "a/..", "..", "../..", "/%2E./x", "?'", "/?", "#", " x\t", "//u:p@h:080/",
			"//@/", "//[::1.2.3.4]:443", "//[1::]", "//1.2.3", "//0x7f.1", "//256", "//a.09", "//ü", "//h:65536", "/{}|`\"<>",
			"httpS://h", "ftp://h", "x:y", "//a%41b", "//a%00b", "/a\u00e9?\u00e9", "//h:", "//h?x/../y", "//xn--a", "//a_b", "//a.-9", "//[[::1]]",
		} {
			f.Add(base, ref)
		}
	}
	f.Fuzz(func(t *testing.T, baseText, ref string) {
		base, err := weburl.Parse(baseText)
		if err != nil || oracleIsWrong(base.Host()) || oracleIsWrong(ref) {
			return
		}
		u, err := base.Resolve(ref)
		want, ok := oracleResolve(base.String(), ref)
		switch {
		case ok != (err == nil) && !needsIDNA(ref) && !needsIDNA(base.Host()):
			t.Errorf("%q in %v: %v, %v; the oracle says %q", ref, base, u, err, want)
		case ok && err == nil && u.String() != want:
			t.Errorf("%q in %v: %v; the oracle says %q", ref, base, u, want)
		}
	})
}

// oracleResolve returns the oracle's answer as weburl would give it: without user information and fragment, and not
// ok for another scheme.
func oracleResolve(base, ref string) (href string, ok bool) {
	u, err := oracle.ParseRef(base, ref)
	if err != nil || u.Scheme() != "http" && u.Scheme() != "https" {
		return "", false
	}
	href = u.Href(true)
	if u.Username() != "" || u.Password() != "" {
		_, after, _ := strings.Cut(href, "@")
		href = u.Protocol() + "//" + after
	}
	// The oracle is older than U+005E in the path percent-encode set (WHATWG URL §1.3, since 2024).
	path, query, ok := strings.Cut(href, "?")
	href = strings.ReplaceAll(path, "^", "%5E")
	if ok {
		href += "?" + query
	}
	return href, true
}

// Where the oracle is not compared, because it departs from the standard.
var (
	// §3.5: the brackets around an IPv6 address are one pair; the oracle takes "[[::1]]" and "[][::1]".
	nestedBrackets = regexp.MustCompile(`\[[^/\\?#]*\[|\][^/\\?#]*\]`)
	// §3.6, IPv4 number parser: a sign is no digit; the oracle takes "-9", "0x+1" and "0-1" for numbers.
	signedNumber = regexp.MustCompile(`(?i)(^|[./\\@0x])([+-]|%2[bd])`)
	// The same: what no 64 bits hold may still not have other letters in it; the oracle stops reading there.
	longNumber = regexp.MustCompile(`(?i)[0-9a-f]{16}`)
	// §4.4, step 3: these are taken out first.
	tabsAndLineEnds = strings.NewReplacer("\t", "", "\n", "", "\r", "")
)

func oracleIsWrong(ref string) bool {
	if !utf8.ValidString(ref) {
		return true // it decodes after taking out the tabs, where the page's decoder comes before
	}
	ref = tabsAndLineEnds.Replace(ref)
	return nestedBrackets.MatchString(ref) || signedNumber.MatchString(ref) || longNumber.MatchString(ref)
}

// needsIDNA reports whether a host in s may need IDNA. There the oracle has other failures than §3.3 has: it applies
// UseSTD3ASCIIRules and takes unassigned code points. What both accept must be the same all the same.
func needsIDNA(s string) bool {
	lower := strings.ToLower(s)
	return strings.Contains(lower, "xn--") || strings.Contains(lower, "%") ||
		strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
