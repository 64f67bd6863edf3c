package config

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// parsePatterns reads one regular expression, or @file: many, one a line, with
// blank lines and # comments.
func parsePatterns(s string) ([]*regexp.Regexp, error) {
	name, isFile := strings.CutPrefix(s, "@")
	switch {
	case !isFile:
		re, err := parsePattern(s)
		return []*regexp.Regexp{re}, err
	case name == "":
		return nil, errors.New("want a file's name behind the @")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, FileError(err)
	}
	defer file.Close()
	var all []*regexp.Regexp
	err = eachLine(file, name, func(line string) error {
		re, err := parsePattern(line)
		if err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		all = append(all, re)
		return nil
	})
	return all, err
}

// parseInclude knows that a list without a pattern would let in every URL,
// where who made the list meant none.
func parseInclude(s string) ([]*regexp.Regexp, error) {
	all, err := parsePatterns(s)
	if err == nil && len(all) == 0 {
		return nil, errors.New("no pattern in the file, and without one every URL would be followed; for the seeds alone say --scope page")
	}
	return all, err
}

func parsePattern(s string) (*regexp.Regexp, error) {
	if s == "" {
		return nil, errors.New("want a regular expression: it is empty")
	}
	re, err := regexp.Compile(s)
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		hint := "RE2 syntax; \\ before a character makes it plain"
		if bad.Code == syntax.ErrMissingRepeatArgument {
			hint = "it is no shell pattern: write .* for *, and \\. for a dot"
		}
		return nil, fmt.Errorf("not a regular expression: %s in %q (%s)", bad.Code, bad.Expr, hint)
	}
	return re, err
}

// eachLine calls do for each line that is neither blank nor a comment; errors
// name the file and the line.
func eachLine(r interface{ Read([]byte) (int, error) }, name string, do func(string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff")) // also of a file behind another
		if line == "" || line[0] == '#' {
			continue
		}
		if err := do(line); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%s:%d: a line of more than 1 MiB", name, n+1)
	case err != nil && n == 0:
		return fmt.Errorf("%s: %w", name, FileError(err)) // a directory has no lines
	case err != nil:
		return fmt.Errorf("%s:%d: %w", name, n+1, FileError(err))
	}
	return nil
}

// FileError drops the name from an error of package os, for who quotes it.
func FileError(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// sitemaps is --sitemap, whose URLs come behind those that it has been given before,
// as those of other flags do.
type sitemaps struct{ *value[crawler.Sitemaps] }

func (v sitemaps) Set(s string) error {
	before, text := *v.to, v.text
	err := v.value.Set(s)
	if err == nil && before.Mode == crawler.SitemapGiven && v.to.Mode == crawler.SitemapGiven {
		v.to.URLs, v.text = append(before.URLs, v.to.URLs...), text+","+v.text
	}
	return err
}

// parseSitemaps reads a word of --sitemap, or a URL.
func parseSitemaps(s string) (crawler.Sitemaps, error) {
	modes := map[string]crawler.SitemapMode{
		"auto": crawler.SitemapAuto, "only": crawler.SitemapOnly, "off": crawler.SitemapOff,
	}
	if mode, ok := modes[s]; ok {
		return crawler.Sitemaps{Mode: mode}, nil
	}
	sitemaps := crawler.Sitemaps{Mode: crawler.SitemapGiven}
	for _, text := range urlsIn(s) {
		u, err := weburl.Parse(text)
		if err != nil {
			return crawler.Sitemaps{}, errors.New("want auto, only, off or a URL with its scheme" + DidYouMean(s, []string{"auto", "only", "off"}))
		}
		if _, _, login := weburl.Userinfo(text); login {
			return crawler.Sitemaps{}, errors.New("want it without the login: say --user, or --header 'HOST=Authorization: …' if it is on no seed's host")
		}
		sitemaps.URLs = append(sitemaps.URLs, u)
	}
	return sitemaps, nil
}

// urlsIn are URLs with commas between them. A comma may be in a URL as well: there
// a scheme does not follow.
func urlsIn(list string) (urls []string) {
	for part := range strings.SplitSeq(list, ",") {
		text := strings.TrimSpace(part)
		if last := len(urls) - 1; last >= 0 && !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
			urls[last] += "," + part
		} else {
			urls = append(urls, text)
		}
	}
	return urls
}

// parseNames reads the parameters of --ignore-query; "*" is all of them.
func parseNames(s string) (*crawler.QueryFilter, error) {
	if s == "*" {
		return crawler.NewQueryFilter(nil), nil
	}
	var names []string
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name == "" {
			return nil, errors.New("want names of query parameters, such as utm_source,ref (none at all: the whole query)")
		}
		names = append(names, name)
	}
	return crawler.NewQueryFilter(names), nil
}

// parseNet reads a network, or an address as the network of it alone.
func parseNet(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, errors.New("want a network such as 10.0.0.0/8 or fd00::/8, or an address")
	}
	return p, nil
}

// parseHeader reads "Name: value", or "host=Name: value".
func parseHeader(s string) (Header, error) {
	to, secure, line := boundTo(s)
	name, val, ok := strings.Cut(line, ":")
	h := Header{strings.TrimSpace(name), strings.TrimSpace(val), to, secure}
	if !ok || !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) || isURL(h) {
		return Header{}, errors.New("want 'Name: value', or 'HOST=Name: value' for one host, as in example.org:8443=X-Key: 1")
	}
	if strings.EqualFold(h.Name, "User-Agent") {
		return Header{}, errors.New("say --user-agent for that: robots.txt is searched for its name")
	}
	return h, nil
}

// isURL tells whether a header is really a URL, as of a host that is none.
func isURL(h Header) bool {
	return (h.Name == "http" || h.Name == "https") && strings.HasPrefix(h.Value, "//")
}

// boundTo splits "host=line". What is no host and port before a = is the start
// of a line. Without a scheme the host is asked over https, but it is not said
// that it must be.
func boundTo(s string) (to weburl.URL, secure bool, line string) {
	host, rest, found := strings.Cut(s, "=")
	schemed := strings.Contains(host, "://")
	if !schemed {
		host = "https://" + host
	}
	if to, err := weburl.Parse(host); found && err == nil && to.RequestURI() == "/" {
		return to, schemed && to.Scheme() == "https", rest
	}
	return weburl.URL{}, false, s
}

func parseCookie(s string) (string, error) {
	for pair := range strings.SplitSeq(s, ";") {
		name, _, ok := strings.Cut(pair, "=")
		if !ok || !httpguts.ValidHeaderFieldName(strings.TrimSpace(name)) || !httpguts.ValidHeaderFieldValue(pair) {
			return "", errors.New("want 'name=value; name=value' (for a file of cookies there is --cookie-jar)")
		}
	}
	return s, nil
}

func parseLogin(s string) (Login, error) {
	name, password, ok := strings.Cut(s, ":")
	if !ok {
		return Login{}, errors.New("want NAME:PASSWORD")
	}
	return Login{name, password}, nil
}

func parseAgent(s string) (string, error) {
	if strings.TrimSpace(s) == "" || !httpguts.ValidHeaderFieldValue(s) {
		return "", errors.New("want one line of text, such as 'mybot/1.0 (+https://example.org/bot)'")
	}
	return s, nil
}

// parseProxy takes host:port for http://host:port, as curl does.
func parseProxy(s string) (string, error) {
	if s == none {
		return s, nil
	}
	if s != "" && !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err == nil && u.Hostname() != "" {
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			return s, nil
		}
	}
	return "", errors.New("want a URL whose scheme is http, https, socks5 or socks5h, or none")
}

// parseOverride reads HOST:PORT:ADDR as curl does. The host may be written in any
// way that a URL's may: one that is not as it is asked for would change nothing.
func parseOverride(s string) (Override, error) {
	bad := errors.New("want HOST:PORT:ADDRESS, such as example.org:443:127.0.0.1")
	end := 0
	if strings.HasPrefix(s, "[") {
		end = strings.Index(s, "]") + 1
	}
	host, rest, ok := strings.Cut(s[end:], ":")
	port, addr, ok2 := strings.Cut(rest, ":")
	ip, err := netip.ParseAddr(strings.Trim(addr, "[]"))
	n, portErr := strconv.ParseUint(port, 10, 16)
	u, hostErr := weburl.Parse("http://" + s[:end] + host)
	if !ok || !ok2 || err != nil || portErr != nil || n == 0 || hostErr != nil || u.RequestURI() != "/" || host == "*" {
		return Override{}, bad
	}
	return Override{From: net.JoinHostPort(u.Hostname(), strconv.FormatUint(n, 10)), To: netip.AddrPortFrom(ip, uint16(n)).String()}, nil
}

// parseLoopback takes an address that only this machine can reach.
func parseLoopback(s string) (string, error) {
	host, _, err := net.SplitHostPort(s)
	if err == nil {
		ip, parseErr := netip.ParseAddr(host)
		if host == "localhost" || parseErr == nil && ip.IsLoopback() {
			return s, nil
		}
	}
	return "", errors.New("want a loopback address and a port, as 127.0.0.1:6060 or localhost:0: profiles show everything")
}
