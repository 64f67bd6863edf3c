package weburl

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxIDNA bounds, in bytes, a host that needs IDNA: punycode takes quadratic time, and DNS ends at 253.
const maxIDNA = 1024

// toASCII is the Unicode ToASCII of WHATWG URL §3.3 with beStrict false.
var toASCII = idna.New(
	idna.MapForLookup(), // checks the labels and their joiners too
	idna.BidiRule(),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.VerifyDNSLength(false),
	idna.Transitional(false),
)

// appendHost is the host parser of WHATWG URL §3.5.
func appendHost(dst, host []byte) ([]byte, error) {
	switch {
	case len(host) == 0:
		return nil, errNoHost
	case host[0] == '[':
		return appendIPv6(dst, host)
	case bytes.IndexByte(host, '%') >= 0:
		host = []byte(unescape(string(host)))
	}
	start := len(dst)
	dst, err := appendDomain(dst, host)
	if err != nil {
		return nil, err
	}
	if domain := dst[start:]; !endsInNumber(domain) {
		return dst, nil
	}
	return appendIPv4(dst[:start], string(dst[start:]))
}

// appendDomain is domain to ASCII: a host in lower case, in ASCII, without forbidden code points.
func appendDomain(dst, host []byte) ([]byte, error) {
	start := len(dst)
	if needsIDNA(host) {
		ascii, err := domainToASCII(host)
		if err != nil {
			return nil, err
		}
		dst = append(dst, ascii...)
	} else {
		for _, c := range host {
			dst = append(dst, toLower(c))
		}
	}
	if indexAny(dst[start:], inHost) < len(dst)-start {
		return nil, errHost
	}
	return dst, nil
}

// needsIDNA reports whether the host is not ASCII, or has a label that starts with "xn--".
func needsIDNA(host []byte) bool {
	for i, c := range host {
		if c >= utf8.RuneSelf {
			return true
		}
		if (i == 0 || host[i-1] == '.') && i+4 <= len(host) && equalFold(host[i:i+4], "xn--") {
			return true
		}
	}
	return false
}

// domainToASCII converts twice: x/net/idna maps code points that are not assigned yet to U+FFFD and encodes that,
// and refuses the encoding only when it meets it. What is canonical must also be canonical the second time.
func domainToASCII(host []byte) (string, error) {
	if len(host) > maxIDNA || !utf8.Valid(host) {
		return "", errIDNA
	}
	once, err := toASCII.ToASCII(string(host))
	if err != nil || once == "" || hasEmptyACE(host, once) {
		return "", errIDNA
	}
	twice, err := toASCII.ToASCII(once)
	if err != nil || once != twice {
		return "", errIDNA
	}
	return once, nil
}

// hasEmptyACE reports whether one of the host's labels is "xn--" and no more, once mapped. UTS 46 §4 refuses that;
// x/net/idna makes it an empty label, so that "a.xn--" would become "a.", another host.
func hasEmptyACE(host []byte, ascii string) bool {
	if !strings.Contains("."+ascii+".", "..") {
		return false
	}
	var mapped strings.Builder
	for _, r := range string(host) {
		char, _ := toASCII.ToASCII(string(r)) // as the whole was accepted, an error only says that r may not stand alone
		if strings.HasPrefix(char, "xn--") {
			char = "?"
		}
		mapped.WriteString(char)
	}
	return slices.Contains(strings.Split(mapped.String(), "."), "xn--")
}

// endsInNumber is the ends in a number checker of WHATWG URL §3.6: such a host is an IPv4 address or nothing.
func endsInNumber(domain []byte) bool {
	domain = bytes.TrimSuffix(domain, []byte("."))
	last := string(domain[bytes.LastIndexByte(domain, '.')+1:])
	if last == "" || last[0] < '0' || last[0] > '9' {
		return false
	}
	_, ok := ipv4Number(last)
	return ok || strings.Trim(last, "0123456789") == ""
}

// appendIPv4 is the IPv4 parser of WHATWG URL §3.6: one to four numbers, the last of which fills what is left.
func appendIPv4(dst []byte, domain string) ([]byte, error) {
	parts := strings.Split(strings.TrimSuffix(domain, "."), ".")
	if len(parts) > 4 {
		return nil, errIPv4
	}
	address := uint64(0)
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (4 - i)
		}
		n, ok := ipv4Number(part)
		if !ok || n >= 1<<bits {
			return nil, errIPv4
		}
		address = address<<bits | n
	}
	ip := netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)})
	return ip.AppendTo(dst), nil
}

// ipv4Number is the IPv4 number parser: decimal, 0x hexadecimal or 0 octal; "0x" is zero. A number too large for any
// address comes out as one that is.
func ipv4Number(s string) (n uint64, ok bool) {
	base := uint64(10)
	switch {
	case s == "":
		return 0, false
	case strings.HasPrefix(s, "0x"):
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base, s = 8, s[1:]
	}
	for _, c := range []byte(s) {
		if !isHex(c) || uint64(fromHex(c)) >= base {
			return 0, false
		}
		n = min(n*base+uint64(fromHex(c)), 1<<32)
	}
	return n, true
}

// appendIPv6 is the IPv6 parser and serializer of WHATWG URL §3.5: host starts with "[". netip parses the same
// addresses, and zones beyond; it writes mapped IPv4 addresses with dots, which URLs do not.
func appendIPv6(dst, host []byte) ([]byte, error) {
	inner, ok := bytes.CutSuffix(host[1:], []byte("]"))
	ip, err := netip.ParseAddr(string(inner))
	if !ok || err != nil || ip.Is4() || ip.Zone() != "" {
		return nil, errIPv6
	}
	if ip.Is4In6() {
		a := ip.As16()
		return fmt.Appendf(dst, "[::ffff:%x:%x]", uint(a[12])<<8|uint(a[13]), uint(a[14])<<8|uint(a[15])), nil
	}
	return append(ip.AppendTo(append(dst, '[')), ']'), nil
}
