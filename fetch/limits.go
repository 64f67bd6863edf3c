package fetch

import (
	"cmp"
	"fmt"
	"net/http"
)

// Limits bound what one response may cost beside the bytes that are wanted of
// its body. The zero value of each field is its default. A URL or header
// beyond them is an Error of kind too_large, a body a page that says which
// limit cut it, and cookies a page that counts those refused.
type Limits struct {
	URL        int   // bytes of a URL; 8 KiB
	Header     int64 // bytes of a header; 256 KiB
	Fields     int   // fields of a header; 1,000
	Compressed int64 // bytes of a coded body as they come; 64 KiB more than are wanted of it decoded
	Ratio      int   // decoded bytes for each coded one, once there is 1 MiB; 200
	Cookies    int   // that one host may set; 50
}

func (l Limits) withDefaults() Limits {
	l.URL = cmp.Or(l.URL, 8<<10)
	l.Header = cmp.Or(l.Header, 256<<10)
	l.Fields = cmp.Or(l.Fields, 1000)
	l.Ratio = cmp.Or(l.Ratio, 200)
	l.Cookies = cmp.Or(l.Cookies, 50)
	return l
}

// A Limit names what a response went over, as records and settings name it.
type Limit string

// The limits. Of an exchange that fails by one of the last three, it is the
// cause that errors.AsType finds.
const (
	LimitBody       Limit = "body"       // decoded bytes
	LimitCompressed Limit = "compressed" // bytes as they come
	LimitRatio      Limit = "ratio"      // decoded bytes for each coded one

	LimitURL    Limit = "url"
	LimitHeader Limit = "header"
	LimitFields Limit = "header-fields"
)

// Error makes a Limit what ends an exchange, or the reading of its body.
func (l Limit) Error() string { return "there is more than the limit for " + string(l) }

// ratioFrom is how many decoded bytes a body has before its ratio counts: a
// small page of one repeated line is no bomb.
const ratioFrom = 1 << 20

// checkURL refuses a URL that is too long to be asked for.
func (l Limits) checkURL(length int) error {
	if length <= l.URL {
		return nil
	}
	return &plainError{KindTooLarge, fmt.Sprintf("the URL has %d bytes: more than %d", length, l.URL), LimitURL}
}

// checkHeader refuses a header of too many fields; net/http has counted its bytes.
func (l Limits) checkHeader(h http.Header) error {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	if n <= l.Fields {
		return nil
	}
	return &plainError{KindTooLarge, fmt.Sprintf("the response's header has %d fields: more than %d", n, l.Fields), LimitFields}
}
