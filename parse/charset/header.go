package charset

import "strings"

// headerCharset gives the charset parameter of a Content-Type, or "". It reads as the WHATWG MIME Sniffing standard does
// (§4.4): the first charset counts, and a parameter that makes no sense is passed over. mime.ParseMediaType would refuse
// the whole header for a parameter given twice, which servers do send.
func headerCharset(contentType string) string {
	_, params, _ := strings.Cut(contentType, ";")
	for params != "" {
		var name, value string
		name, value, params = cutParam(params)
		if value != "" && strings.EqualFold(name, "charset") {
			return value
		}
	}
	return ""
}

// cutParam takes the first name=value off a parameter list. A value in quotes may contain a semicolon.
func cutParam(params string) (name, value, rest string) {
	end := strings.IndexAny(params, ";=")
	if end < 0 {
		return "", "", ""
	}
	name = strings.TrimSpace(params[:end])
	if params[end] == ';' {
		return name, "", params[end+1:]
	}
	value = strings.TrimLeft(params[end+1:], " \t\r\n")
	if !strings.HasPrefix(value, `"`) {
		value, rest, _ = strings.Cut(value, ";")
		return name, strings.TrimSpace(value), rest
	}
	value, rest, _ = strings.Cut(value[1:], `"`)
	_, rest, _ = strings.Cut(rest, ";")
	return name, value, rest
}

// isXML says whether a Content-Type names XML: text/xml, application/xml, application/rss+xml… but not XHTML, whose
// pages are HTML in all but name.
func isXML(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media != "application/xhtml+xml" && (strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml"))
}
