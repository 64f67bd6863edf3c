package weburl

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What can be wrong with a reference; errors.Is tells them apart.
var (
	// ErrScheme says that the scheme is neither http nor https: mailto:, javascript:, data:, tel:…
	ErrScheme = errors.New("unsupported scheme")
	// ErrInvalid says that browsers refuse the reference too.
	ErrInvalid = errors.New("not a URL")
)

// invalid is a way of being [ErrInvalid]. It is a constant, so that returning one does not allocate.
type invalid string

func (e invalid) Error() string { return ErrInvalid.Error() + ": " + string(e) }
func (e invalid) Unwrap() error { return ErrInvalid }

const (
	errNoScheme = invalid("no scheme")
	errNoHost   = invalid("no host")
	errHost     = invalid("a character that no host name may have")
	errIDNA     = invalid("not a valid internationalized host name")
	errIPv4     = invalid("the host ends in a number but is no IPv4 address")
	errIPv6     = invalid("no IPv6 address between the brackets")
	errPort     = invalid("the port is not a number from 0 to 65535")
	errUTF8     = invalid("not in UTF-8 (convert it with iconv, or write %E9 for the byte E9)")
)

// Parse returns the canonical URL of an absolute reference (WHATWG URL §4.4). Its fragment and user information are
// dropped. The error is [ErrScheme] or [ErrInvalid], and quotes raw. What is no UTF-8 is invalid: nothing has decoded it,
// as a page is before its references are resolved, and U+FFFD is not what the server knows it by.
func Parse(raw string) (URL, error) {
	if !utf8.ValidString(raw) {
		return URL{}, explain(raw, errUTF8)
	}
	return URL{}.Resolve(raw)
}

// Resolve returns the canonical URL of ref, a reference found in the page u. The error is [ErrScheme] or [ErrInvalid],
// and quotes ref. For more than a few references of one page use a [Resolver].
func (u URL) Resolve(ref string) (URL, error) {
	var r Resolver
	r.Reset(u)
	text, err := r.Append(nil, []byte(ref))
	if err != nil {
		return URL{}, explain(ref, err)
	}
	return URL{string(text)}, nil
}

// Userinfo returns the user and password of raw, percent-decoded, which [Parse] drops. It is not ok when raw is no
// URL, or has neither.
func Userinfo(raw string) (user, password string, ok bool) {
	if _, err := Parse(raw); err != nil {
		return "", "", false
	}
	_, rest, _ := cutScheme(clean([]byte(raw)))
	authority, _ := cutAuthority(trimSlashes(rest))
	info, _ := cutUserinfo(authority)
	name, secret, _ := strings.Cut(string(info), ":")
	return unescape(name), unescape(secret), name != "" || secret != ""
}

// explain makes an error that a person can act on of one of the resolver's.
func explain(ref string, err error) error {
	scheme, _, _ := cutScheme(clean([]byte(ref)))
	ref = withoutLogin(ref)
	switch {
	case err == ErrScheme && looksLikeHost(string(scheme)):
		return fmt.Errorf("%s: %w %q (for the host of that name write %s)", quote(ref), err, scheme, quote(cmp.Or(withScheme(ref), "https://"+ref)))
	case err == ErrScheme:
		return fmt.Errorf("%s: %w %q (http and https are)", quote(ref), err, scheme)
	case err == errNoScheme && strings.Trim(ref, `/\ `) == "":
		return fmt.Errorf("%s: %w (write https://…)", quote(ref), err)
	case err == errNoScheme && withScheme(ref) != "":
		return fmt.Errorf("%s: %w (write %s)", quote(ref), err, quote(withScheme(ref)))
	}
	return fmt.Errorf("%s: %w", quote(ref), err)
}

// withoutLogin is a reference as it may be shown. What may be a password is
// hidden also where it is none by the rules, as with a slash in it that is not
// escaped.
func withoutLogin(ref string) string {
	start := 0
	scheme, rest, _ := strings.Cut(ref, ":")
	if host := strings.TrimLeft(rest, `/\`); host != rest && !strings.ContainsAny(scheme, `/\`) {
		start = len(ref) - len(host)
	}
	at := strings.LastIndexByte(ref, '@')
	if at < start || !strings.Contains(ref[start:at], ":") || strings.EqualFold(scheme, "mailto") {
		return ref
	}
	return ref[:start] + "(hidden)" + ref[at:]
}

// withScheme is the URL that ref would be with a scheme, or "" if that is not
// all it lacks. What is on this machine seldom has a certificate.
func withScheme(ref string) string {
	ref = strings.TrimLeft(ref, `/\ `)
	u, err := Parse("https://" + ref)
	switch host := u.Hostname(); {
	case err != nil:
		return ""
	case host == "localhost", strings.HasPrefix(host, "127."):
		return "http://" + ref
	}
	return "https://" + ref
}

// looksLikeHost reports whether "scheme:" was rather meant as "host:port".
func looksLikeHost(scheme string) bool { return scheme == "localhost" || strings.Contains(scheme, ".") }

// quote quotes s, or the start of it: a data: reference may be as long as a page.
func quote(s string) string {
	const most = 200
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
