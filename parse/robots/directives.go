package robots

import "strings"

// Directives are what a page asks of crawlers. The zero value asks nothing.
type Directives struct {
	NoIndex      bool // not to be listed
	NoFollow     bool // its links are not to be followed
	NoArchive    bool // no copy is to be offered
	NoSnippet    bool // no text of it is to be shown
	NoImageIndex bool // its images are not to be listed
	NoTranslate  bool // no translation is to be offered
}

// ParseDirectives reads the content of a robots meta element. Directives are read without case, with commas, semicolons or only
// spaces between them; unknown ones are passed over, and where two contradict each other the one that forbids counts.
func ParseDirectives(content string) Directives {
	var d Directives
	for _, item := range strings.FieldsFunc(strings.ToLower(content), func(r rune) bool { return r == ',' || r == ';' }) {
		for word := range strings.FieldsSeq(item) {
			// What follows is a value, not a directive, even the "none" of "max-image-preview: none".
			if strings.HasSuffix(word, ":") {
				break
			}
			d.set(word)
		}
	}
	return d
}

// set adds one directive, in lower case.
func (d *Directives) set(word string) {
	switch word {
	case "none":
		d.NoIndex, d.NoFollow = true, true
	case "nocache":
		d.NoArchive = true
	default:
		if flag := d.flag(word); flag != nil {
			*flag = true
		}
	}
}

// ParseTag reads the values of the X-Robots-Tag headers of a response, for an agent given as product token or User-Agent header.
// A directive after "name:" is for that agent only, up to the next name or the end of the value.
func ParseTag(values []string, agent string) Directives {
	var d Directives
	token := headerToken(agent)
	for _, value := range values {
		ours := true
		for item := range strings.SplitSeq(value, ",") {
			if name, rest, ok := cutAgent(item); ok {
				ours = name == "*" || strings.EqualFold(name, token)
				item = rest
			}
			if ours {
				d = d.Or(ParseDirectives(item))
			}
		}
	}
	return d
}

// cutAgent cuts "name:" off an item. Dates hold colons too, and commas before them, as in "unavailable_after: Friday, 25-Jun-10
// 15:00:00 UTC"; but in these a digit follows the colon, and no directive begins with a digit.
func cutAgent(item string) (name, rest string, ok bool) {
	name, rest, ok = strings.Cut(strings.TrimSpace(item), ":")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if !ok || name == "" || agentName(name) != name || rest != "" && '0' <= rest[0] && rest[0] <= '9' {
		return "", "", false
	}
	switch strings.ToLower(name) {
	case "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview":
		return "", "", false
	}
	return name, rest, true
}

// Or returns what d and e ask together.
func (d Directives) Or(e Directives) Directives {
	for _, name := range directiveNames() {
		*d.flag(name) = *d.flag(name) || *e.flag(name)
	}
	return d
}

// String lists the directives as a meta element would, such as "noindex, nofollow"; it is empty when there are none.
func (d Directives) String() string {
	var set []string
	for _, name := range directiveNames() {
		if *d.flag(name) {
			set = append(set, name)
		}
	}
	return strings.Join(set, ", ")
}

func directiveNames() []string {
	return []string{"noindex", "nofollow", "noarchive", "nosnippet", "noimageindex", "notranslate"}
}

// flag returns the field for a directive, nil if it has none.
func (d *Directives) flag(name string) *bool {
	switch name {
	case "noindex":
		return &d.NoIndex
	case "nofollow":
		return &d.NoFollow
	case "noarchive":
		return &d.NoArchive
	case "nosnippet":
		return &d.NoSnippet
	case "noimageindex":
		return &d.NoImageIndex
	case "notranslate":
		return &d.NoTranslate
	}
	return nil
}
