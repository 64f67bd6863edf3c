package fetch

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// sniffLen is how much of a body decides its type when the server names none
// (WHATWG MIME Sniffing §7 looks at 1,445 bytes at most, net/http at 512).
const sniffLen = 1024

// MediaType is that of [Page]: what the header says, or, if it says nothing,
// the body.
func MediaType(h http.Header, body []byte) string {
	if t := declaredType(h); t != "" || len(body) == 0 {
		return t
	}
	return sniffType(body[:min(len(body), sniffLen)])
}

// ContentType is the Content-Type of a response. Of several the one counts that
// its media type is of, and with a charset before one without, as browsers have
// it (Fetch §2.2.6).
func ContentType(h http.Header) string {
	values := contentTypes(h)
	switch len(values) {
	case 0:
		return ""
	case 1:
		return values[0]
	}
	kind, counts := declaredType(h), values[0]
	for _, v := range values {
		if mediaType(v) == kind && (mediaType(counts) != kind || hasCharset(v) || !hasCharset(counts)) {
			counts = v
		}
	}
	return counts
}

// contentTypes are the values of a Content-Type header. Of several lines a
// proxy may have made one, with commas between them.
func contentTypes(h http.Header) []string {
	values := h["Content-Type"]
	if !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, ",") }) {
		return values
	}
	quoted := false
	isComma := func(r rune) bool {
		quoted = quoted != (r == '"')
		return r == ',' && !quoted
	}
	var all []string
	for _, v := range values {
		quoted = false
		for part := range strings.FieldsFuncSeq(v, isComma) {
			all = append(all, strings.TrimSpace(part))
		}
	}
	return all
}

func hasCharset(contentType string) bool {
	return strings.Contains(strings.ToLower(contentType), "charset=")
}

// declaredType is the media type of a Content-Type header: lower case, no
// parameters. "" when there is none, or one that says nothing
// (WHATWG MIME Sniffing §5.1).
func declaredType(h http.Header) string {
	values := contentTypes(h)
	for i := len(values) - 1; i >= 0; i-- { // the last one that means something counts
		if t := mediaType(values[i]); t != "" {
			return t
		}
	}
	return ""
}

// mediaType is that of a Content-Type; "" when it says nothing.
func mediaType(contentType string) string {
	t := contentType
	if cut := strings.IndexByte(t, ';'); cut >= 0 {
		t = t[:cut]
	}
	t = strings.ToLower(strings.TrimSpace(t)) // no copy when it is lower case already
	kind, sub, ok := strings.Cut(t, "/")
	if !ok || kind == "" || sub == "" || strings.ContainsAny(t, " \t\"") {
		return ""
	}
	switch t {
	case "unknown/unknown", "application/unknown", "*/*":
		return ""
	}
	return t
}

// sniffType is the media type of a body by its first bytes.
func sniffType(head []byte) string {
	t, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch t {
	case "text/plain", "text/xml", "application/octet-stream":
		if looksLikeHTML(head) {
			return "text/html"
		}
	}
	return t
}

// looksLikeHTML knows the pages that the standard's table misses: XHTML
// behind an XML declaration, and pages that begin with a processing
// instruction or text before their first tag.
func looksLikeHTML(head []byte) bool {
	head = bytes.ToLower(head[:min(len(head), sniffLen)])
	for _, mark := range []string{"<!doctype html", "<html", "<head>", "<body", "<meta ", "<title"} {
		if bytes.Contains(head, []byte(mark)) {
			return true
		}
	}
	return false
}
