package charset

import "bytes"

// prescanLimit is how many bytes from the start a declaration is looked for in. The HTML standard has 1,024; pages with a
// long comment or script before their meta are common enough to look further.
const prescanLimit = 4096

// declared gives the charset that the document names itself, or "". In HTML a meta comes before the XML declaration, which
// is the standard's last resort (HTML §13.2.3.2); in XML a meta has no meaning.
func declared(body []byte, xml bool) string {
	body = body[:min(len(body), prescanLimit)]
	if !xml {
		if name := prescan(body); name != "" {
			return name
		}
	}
	return xmlEncoding(body)
}

// prescan is the HTML standard's "prescan a byte stream to determine its encoding". It goes no further than the next meta
// in sight: reading the attributes of other tags is the cost of it, and a page that declares nothing would pay it to the end.
func prescan(b []byte) string {
	for meta := nextMeta(b); meta >= 0; meta = nextMeta(b) {
		for stop := len(b) - meta; len(b) >= stop; {
			var name string
			if name, b = step(b[bytes.IndexByte(b, '<'):]); name != "" {
				return name
			}
		}
	}
	return ""
}

// nextMeta is where the next thing that looks like a meta begins, be it in a comment or a value, or -1.
func nextMeta(b []byte) int {
	for i := 0; ; i++ {
		next := bytes.IndexByte(b[i:], '<')
		if next < 0 {
			return -1
		}
		if i += next; isMeta(b[i:]) {
			return i
		}
	}
}

// step goes past the tag or comment that b begins with. It gives the charset when that is a meta that names one.
func step(b []byte) (name string, rest []byte) {
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return "", afterComment(b)
	case isMeta(b):
		return metaCharset(b[len("<meta"):])
	case startsTag(b):
		return "", afterTag(b)
	case len(b) > 1 && (b[1] == '!' || b[1] == '/' || b[1] == '?'):
		return "", after(b, ">")
	default:
		return "", b[1:]
	}
}

// afterComment: the two dashes that open a comment may be those that close it, so "<!-->" is a whole one.
func afterComment(b []byte) []byte {
	return after(b[len("<!"):], "-->")
}

func after(b []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(b, []byte(mark))
	return rest
}

func isMeta(b []byte) bool {
	return len(b) > len("<meta") && bytes.EqualFold(b[:len("<meta")], []byte("<meta")) &&
		(isSpace(b[len("<meta")]) || b[len("<meta")] == '/')
}

func startsTag(b []byte) bool {
	if len(b) > 1 && b[1] == '/' {
		b = b[1:]
	}
	return len(b) > 1 && 'a' <= b[1]|0x20 && b[1]|0x20 <= 'z'
}

// afterTag goes past a tag and its attributes, for a quoted value may contain ">".
func afterTag(b []byte) []byte {
	i := 1
	for i < len(b) && !isSpace(b[i]) && b[i] != '>' {
		i++
	}
	for b = b[i:]; ; {
		var name []byte
		if name, _, b = attribute(b); name == nil {
			return b
		}
	}
}

// metaCharset reads the attributes of a meta and gives the charset they name, or "", and what follows.
func metaCharset(b []byte) (string, []byte) {
	var charset, content []byte
	var named, pragma, seenContent, seenPragma bool
	for {
		var name, value []byte
		name, value, b = attribute(b)
		if name == nil {
			break
		}
		switch { // of an attribute given twice, the first counts
		case bytes.EqualFold(name, []byte("charset")) && !named:
			charset, named = value, true
		case bytes.EqualFold(name, []byte("content")) && !seenContent:
			content, seenContent = value, true
		case bytes.EqualFold(name, []byte("http-equiv")) && !seenPragma:
			seenPragma, pragma = true, bytes.EqualFold(value, []byte("content-type"))
		}
	}
	if b == nil {
		return "", nil
	}
	if !named && pragma {
		charset = charsetIn(content)
	}
	return lookupDeclared(charset), b
}

// charsetIn is the HTML standard's "extracting a character encoding from a meta element", for content="text/html;
// charset=x": not a Content-Type parser, it takes what follows the first "charset" that has an equals sign.
func charsetIn(content []byte) []byte {
	for {
		i := indexFold(content, "charset")
		if i < 0 {
			return nil
		}
		content = trimSpaceLeft(content[i+len("charset"):])
		if len(content) == 0 || content[0] != '=' {
			continue
		}
		content = trimSpaceLeft(content[1:])
		if len(content) > 0 && (content[0] == '"' || content[0] == '\'') {
			value, _, closed := bytes.Cut(content[1:], content[:1])
			if !closed {
				return nil
			}
			return value
		}
		end := 0
		for end < len(content) && content[end] != ';' && !isSpace(content[end]) {
			end++
		}
		return content[:end]
	}
}

func indexFold(b []byte, word string) int {
	for i := range len(b) - len(word) + 1 {
		if bytes.EqualFold(b[i:i+len(word)], []byte(word)) {
			return i
		}
	}
	return -1
}

func trimSpaceLeft(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

// attribute is the HTML standard's "get an attribute": the next name and value, and what follows. name is nil at the end of
// the tag, and rest begins behind it; rest is nil too when the bytes ended first, and the tag then says nothing.
func attribute(b []byte) (name, value, rest []byte) {
	for len(b) > 0 && (isSpace(b[0]) || b[0] == '/') {
		b = b[1:]
	}
	if len(b) == 0 {
		return nil, nil, nil
	}
	if b[0] == '>' {
		return nil, nil, b[1:]
	}
	i := 1 // an equals sign at the start belongs to the name
	for i < len(b) && b[i] != '=' && b[i] != '/' && b[i] != '>' && !isSpace(b[i]) {
		i++
	}
	name, b = b[:i], trimSpaceLeft(b[i:])
	if len(b) == 0 || b[0] != '=' {
		return name, nil, b
	}
	value, rest = attributeValue(trimSpaceLeft(b[1:]))
	if value == nil {
		return nil, nil, nil
	}
	return name, value, rest
}

// attributeValue gives nil when the bytes end within the value.
func attributeValue(b []byte) (value, rest []byte) {
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return nil, nil
		}
		return b[1 : 1+end], b[1+end+1:]
	}
	end := 0
	for end < len(b) && b[end] != '>' && !isSpace(b[end]) {
		end++
	}
	if end == len(b) {
		return nil, nil
	}
	return b[:end], b[end:]
}

// xmlEncoding is the HTML standard's "get an XML encoding": the encoding of <?xml … encoding="x"?>. White space before it
// is forgiven: generated feeds often begin with an empty line.
func xmlEncoding(b []byte) string {
	b = trimSpaceLeft(b)
	if !bytes.HasPrefix(b, []byte("<?xml")) {
		return ""
	}
	declaration, _, closed := bytes.Cut(b, []byte(">"))
	_, value, found := bytes.Cut(declaration, []byte("encoding"))
	value = trimSpaceLeft(value)
	if !closed || !found || len(value) == 0 || value[0] != '=' {
		return ""
	}
	value = trimSpaceLeft(value[1:])
	if len(value) == 0 || (value[0] != '"' && value[0] != '\'') {
		return ""
	}
	value, _, closed = bytes.Cut(value[1:], value[:1])
	if !closed {
		return ""
	}
	return lookupDeclared(value)
}
