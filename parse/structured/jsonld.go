package structured

import (
	"html"
	"mime"
	"strings"

	nethtml "golang.org/x/net/html"
)

func isJSONLD(script *nethtml.Node) bool {
	kind, _, _ := mime.ParseMediaType(attr(script, "type")) // a faulty parameter leaves the kind
	return kind == "application/ld+json"
}

// jsonLD reads all blocks of a page.
func (x *extraction) jsonLD(scripts []*nethtml.Node) {
	for i, script := range scripts {
		block := valid(raw(script))
		values, faults := x.block(block)
		for _, value := range values {
			if list, ok := x.link("", value).([]any); ok {
				x.out.JSONLD = append(x.out.JSONLD, list...)
			} else {
				x.out.JSONLD = append(x.out.JSONLD, value)
			}
		}
		for _, f := range faults {
			f.Source, f.Block = "json_ld", i+1
			x.fault(f)
		}
	}
}

// JSONLD gives the values of one block, read as far as it makes sense. They are
// what encoding/json would decode into an any, with json.Number for numbers.
func JSONLD(block string, limits Limits) []any {
	limits = limits.orDefaults()
	x := &extraction{limits: limits, left: limits.Bytes}
	values, _ := x.block(valid(block))
	return values
}

// block reads one block. Some templates escape it as if it were text of the
// page: then every quote is an entity, and reading it unescaped goes better.
func (x *extraction) block(text string) ([]any, []Fault) {
	before := x.left
	values, faults := x.lenient(text)
	if len(faults) == 0 || !escaped(text) {
		return values, faults
	}
	x.left = before
	const lead = "entities in place of quotes"
	values, faults = x.lenient(html.UnescapeString(text))
	return values, append([]Fault{{Message: lead}}, faults...)
}

// escaped reports whether the first quote of a text is written as an entity.
func escaped(text string) bool {
	quote := strings.IndexByte(text, '"')
	for _, entity := range []string{"&quot;", "&#34;", "&#x22;"} {
		if i := strings.Index(text, entity); i >= 0 && (quote < 0 || i < quote) {
			return true
		}
	}
	return false
}

func (x *extraction) lenient(text string) ([]any, []Fault) {
	p := &parser{text: text, maxDepth: x.limits.Depth, spend: x.spend, maxFaults: x.limits.Errors}
	return p.all(), p.faults
}

func raw(script *nethtml.Node) string {
	var b strings.Builder
	for c := range script.ChildNodes() {
		if c.Type == nethtml.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// linkKeys are the properties whose values are references: the keyword of
// JSON-LD and what schema.org declares a URL. Names and words stay as they are.
var linkKeys = map[string]bool{
	"@id": true, "url": true, "image": true, "logo": true, "sameAs": true, "contentUrl": true, "embedUrl": true,
	"thumbnailUrl": true, "mainEntityOfPage": true, "downloadUrl": true, "installUrl": true, "discussionUrl": true,
	"photo": true, "hasMap": true, "license": true, "acquireLicensePage": true, "usageInfo": true, "relatedLink": true,
	"isBasedOn": true, "significantLink": true, "screenshot": true, "menu": true, "hasMenu": true, "paymentUrl": true,
	"trackingUrl": true, "replyToUrl": true, "codeRepository": true, "targetUrl": true,
}

// link makes the references of a value absolute, in place. Those that have a
// scheme stay as they are written, for they are names as well as addresses.
func (x *extraction) link(key string, value any) any {
	switch value := value.(type) {
	case string:
		if linkKeys[key] && value != "" && isRelative(value) && !strings.ContainsAny(strings.TrimSpace(value), " \n<") {
			return x.absolute(value)
		}
	case []any:
		for i := range value {
			value[i] = x.link(key, value[i])
		}
	case map[string]any:
		for k := range value {
			value[k] = x.link(k, value[k])
		}
	}
	return value
}
