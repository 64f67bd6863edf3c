package output

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/parse/nearest"
)

// A Field is one member of a record's JSON object.
type Field struct {
	Name string // as in JSON; a member of a member is dotted: error.kind
	Type string // string, integer, boolean, array of strings, object
	Doc  string // one line, for the reader of a record
}

// Fields are the members of a record, in the order they are written: the one
// table behind the encoder, --fields and the documentation.
func Fields() []Field {
	all := make([]Field, len(table))
	for i, f := range table {
		all[i] = f.Field
	}
	return all
}

// A FieldSet says which fields of a record are written. The zero value is all
// of them. Bit i is row i of the table.
type FieldSet uint64

// ParseFields reads a list such as "url,status,error.kind". The order of the
// list does not matter: a record keeps its own. The empty list is all fields.
func ParseFields(list string) (FieldSet, error) {
	if strings.TrimSpace(list) == "" {
		return 0, nil
	}
	var set FieldSet
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		rows := named(name)
		if rows == 0 {
			return 0, unknown("field", name, fieldNames(name))
		}
		set |= rows
	}
	return set, nil
}

// String is the list that ParseFields reads, in the order of the table.
func (s FieldSet) String() string {
	if s == 0 {
		return ""
	}
	has := func(name string) bool { return s&named(name) == named(name) }
	var names []string
	for _, f := range table {
		parent, _, nested := strings.Cut(f.Name, ".")
		if has(f.Name) && !(nested && has(parent)) {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ",")
}

// named is the rows that a name selects: its own, those inside it, and the one
// it is inside of. It is empty for a name that is not in the table.
func named(name string) FieldSet {
	var rows FieldSet
	known := false
	for i, f := range table {
		if f.Name == name || strings.HasPrefix(f.Name, name+".") || strings.HasPrefix(name, f.Name+".") {
			rows |= 1 << i
		}
		known = known || f.Name == name || f.open(name)
	}
	if !known {
		return 0
	}
	return rows
}

// articleFields are the members of an article.
const articleFields = "title, author, published, modified, language, image, site_name, excerpt"

// open tells whether a name is that of a member of the object which a list of
// fields may name; in JSON the object is written whole. Those of data and
// structured are what pages and recipes decide.
func (f *Field) open(name string) bool {
	member, within := strings.CutPrefix(name, f.Name+".")
	switch f.Name {
	case "data", "structured":
		return within
	case "article":
		return within && slices.Contains(strings.Split(articleFields, ", "), member)
	}
	return false
}

// fieldNames are those that may stand where name does, which is none.
func fieldNames(name string) []string {
	if strings.HasPrefix(name, "article.") {
		return strings.Split("article."+strings.ReplaceAll(articleFields, ", ", ", article."), ", ")
	}
	names := make([]string, len(table))
	for i, f := range table {
		names[i] = f.Name
	}
	return names
}

// A row is a field and how its value is written. A value that appends nothing
// is absent. sub has the rows that follow, where an object's members are.
type row struct {
	Field
	value func(dst []byte, r *Record, sub FieldSet) []byte
}

// table is never written to. Members of an object follow it, without a value
// of their own.
var table = [...]row{
	{Field{"url", "string", "the canonical URL"},
		text(func(r *Record) string { return r.URL })},
	{Field{"outcome", "string", "fetched (a response came, whatever its status), failed or skipped"},
		text(func(r *Record) string { return string(r.Outcome) })},
	{Field{"type", "string", "item: a thing that a recipe found on the page; absent for the page itself"},
		text(func(r *Record) string { return r.Type })},
	{Field{"recipe", "string", "of an item: the recipe's name"},
		text(func(r *Record) string { return r.Recipe })},
	{Field{"item", "string", "of an item: its name in the recipe"},
		text(func(r *Record) string { return r.Item })},
	{Field{"status", "integer", "the HTTP status"},
		count(func(r *Record) int { return r.Status })},
	{Field{"depth", "integer", "links from a seed; a seed is 0; always present, but in items"}, appendDepth},
	{Field{"via", "string", "the page that first linked here"},
		text(func(r *Record) string { return r.Via })},
	{Field{"seed", "string", "the seed that the way here began at"},
		text(func(r *Record) string { return r.Seed })},
	{Field{"redirect_to", "string", "where a redirect leads, absolute"},
		text(func(r *Record) string { return r.RedirectTo })},
	{Field{"fetched_at", "string", "when the request began: RFC 3339 with milliseconds, UTC"}, appendFetchedAt},
	{Field{"elapsed_ms", "integer", "from the request's start to its last byte, in milliseconds"}, appendElapsed},
	{Field{"attempts", "integer", "requests made for it, retries included"},
		count(func(r *Record) int { return r.Attempts })},
	{Field{"ip", "string", "the address that answered"},
		text(func(r *Record) string { return r.IP })},
	{Field{"protocol", "string", "HTTP/1.1 or HTTP/2.0"},
		text(func(r *Record) string { return r.Protocol })},
	{Field{"content_type", "string", "the Content-Type of the response"},
		text(func(r *Record) string { return r.ContentType })},
	{Field{"charset", "string", "the character encoding the page was read in"},
		text(func(r *Record) string { return r.Charset })},
	{Field{"charset_source", "string", "what told it: bom, header, meta or content"},
		text(func(r *Record) string { return r.CharsetFrom })},
	{Field{"bytes", "integer", "size of the body, decoded; absent when unknown"}, appendBytes},
	{Field{"truncated", "boolean", "true when the body was cut; else absent"}, appendTruncated},
	{Field{"limits", "array of strings", "the bounds it went over, each a flag (body is max-body): body, compressed, ratio, links (and what else a page names), text, cookies, redirects, tags, attributes, nesting; of a failure url, header, header-fields; else absent"}, appendLimits},
	{Field{"sha256", "string", "of the decoded body, in hex"},
		text(func(r *Record) string { return r.SHA256 })},
	{Field{"etag", "string", "the ETag of the response"},
		text(func(r *Record) string { return r.ETag })},
	{Field{"last_modified", "string", "the Last-Modified of the response"},
		text(func(r *Record) string { return r.LastModified })},
	{Field{"title", "string", "the page's title"},
		text(func(r *Record) string { return r.Title })},
	{Field{"description", "string", "its meta description"},
		text(func(r *Record) string { return r.Description })},
	{Field{"canonical", "string", "what it names as its canonical URL, absolute"},
		text(func(r *Record) string { return r.Canonical })},
	{Field{"lang", "string", "the language it says it is in"},
		text(func(r *Record) string { return r.Lang })},
	{Field{"robots", "string", "meta robots and X-Robots-Tag: “noindex, nofollow”"},
		text(func(r *Record) string { return r.Robots })},
	{Field{"robots_txt", "string", "under --robots report: the verdict of robots.txt, with its rule"},
		text(func(r *Record) string { return r.RobotsTxt })},
	{Field{"change", "string", "with --state, since the last run: new, modified, unchanged (by a 304 without links or data), gone or moved"},
		text(func(r *Record) string { return r.Change })},
	{Field{"links", "array of strings", "the page's links: absolute, in page order, each once"}, appendLinks},
	{Field{"data", "object", "the fields of --css, --xpath, --regex, --jq and --meta, or of an item"},
		raw(func(r *Record) json.RawMessage { return r.Data })},
	{Field{"structured", "object", "with --structured: json_ld, microdata, rdfa, opengraph, twitter, meta"},
		raw(func(r *Record) json.RawMessage { return r.Structured })},
	{Field{"article", "object", "with --article: " + articleFields},
		raw(func(r *Record) json.RawMessage { return r.Article })},
	{Field{"text", "string", "with --text: the main text"},
		text(func(r *Record) string { return r.Text })},
	{Field{"markdown", "string", "with --markdown: the main text as Markdown"},
		text(func(r *Record) string { return r.Markdown })},
	{Field{"html", "string", "with --html: the body, in UTF-8"},
		text(func(r *Record) string { return r.HTML })},
	{Field{"headers", "object", "with --html: the fields of the response's header, each an array; without Set-Cookie"},
		raw(func(r *Record) json.RawMessage { return r.Headers })},
	{Field{"errors", "array of objects", "what the page failed to give: field, kind, message"},
		raw(func(r *Record) json.RawMessage { return r.Errors })},
	{Field{"error", "object", "why there was no response; of a page that went over a bound, too_large"}, appendError},
	{Field{"error.kind", "string", "timeout, dns, connect, tls, …"}, nil},
	{Field{"error.message", "string", "the error in words"}, nil},
	{Field{"skip", "object", "why it was not asked for"}, appendSkip},
	{Field{"skip.rule", "string", "scope, depth, exclude, robots, …"}, nil},
	{Field{"skip.detail", "string", "the text of the rule"}, nil},
}

func text(get func(*Record) string) func([]byte, *Record, FieldSet) []byte {
	return func(dst []byte, r *Record, _ FieldSet) []byte {
		s := get(r)
		if s == "" {
			return dst
		}
		return appendString(dst, s)
	}
}

// raw writes what is JSON already.
func raw(get func(*Record) json.RawMessage) func([]byte, *Record, FieldSet) []byte {
	return func(dst []byte, r *Record, _ FieldSet) []byte { return appendRaw(dst, get(r)) }
}

// appendDepth keeps the 0 of a seed; an item has no depth of its own.
func appendDepth(dst []byte, r *Record, _ FieldSet) []byte {
	if r.Type == TypeItem {
		return dst
	}
	return strconv.AppendInt(dst, int64(r.Depth), 10)
}

func count(get func(*Record) int) func([]byte, *Record, FieldSet) []byte {
	return func(dst []byte, r *Record, _ FieldSet) []byte {
		n := get(r)
		if n == 0 {
			return dst
		}
		return strconv.AppendInt(dst, int64(n), 10)
	}
}

func appendFetchedAt(dst []byte, r *Record, _ FieldSet) []byte {
	if r.FetchedAt.IsZero() {
		return dst
	}
	t := r.FetchedAt.UTC()
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339) // a layout with milliseconds would be read anew each time
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst[:len(dst)-len("Z")], '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z', '"')
}

// appendElapsed keeps the 0 of a fetch that took less than a millisecond: it
// was measured, so it is not absent. An item is no fetch of its own.
func appendElapsed(dst []byte, r *Record, _ FieldSet) []byte {
	if r.Type == TypeItem || r.Elapsed <= 0 && r.Outcome != Fetched {
		return dst
	}
	return strconv.AppendInt(dst, int64(max(r.Elapsed, 0)/time.Millisecond), 10)
}

// appendBytes keeps the 0 of an empty body.
func appendBytes(dst []byte, r *Record, _ FieldSet) []byte {
	if r.Bytes < 0 || r.Bytes == 0 && r.Outcome != Fetched {
		return dst
	}
	return strconv.AppendInt(dst, r.Bytes, 10)
}

func appendTruncated(dst []byte, r *Record, _ FieldSet) []byte {
	if !r.Truncated {
		return dst
	}
	return append(dst, "true"...)
}

func appendLimits(dst []byte, r *Record, _ FieldSet) []byte {
	if len(r.Limits) == 0 {
		return dst
	}
	dst = append(dst, '[')
	for i, word := range r.Limits {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, word)
	}
	return append(dst, ']')
}

// appendLinks tells a page without links ([]) from what has none to look for
// (absent).
func appendLinks(dst []byte, r *Record, _ FieldSet) []byte {
	if r.Links == nil {
		return dst
	}
	dst = append(dst, '[')
	for i := range r.Links {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, r.Links[i].URL.String())
	}
	return append(dst, ']')
}

func appendError(dst []byte, r *Record, sub FieldSet) []byte {
	if r.Error == nil {
		return dst
	}
	return appendPair(dst, sub, `"kind":`, r.Error.Kind, `"message":`, r.Error.Message)
}

func appendSkip(dst []byte, r *Record, sub FieldSet) []byte {
	if r.Skip == nil {
		return dst
	}
	return appendPair(dst, sub, `"rule":`, r.Skip.Rule, `"detail":`, r.Skip.Detail)
}

// appendPair appends an object of two strings, of those that sub has.
func appendPair(dst []byte, sub FieldSet, key1, value1, key2, value2 string) []byte {
	dst = append(dst, '{')
	if sub&1 != 0 {
		dst = append(dst, key1...)
		dst = appendString(dst, value1)
	}
	if sub&3 == 3 {
		dst = append(dst, ',')
	}
	if sub&2 != 0 {
		dst = append(dst, key2...)
		dst = appendString(dst, value2)
	}
	return append(dst, '}')
}

// unknown is the error for a word that is not in a list of allowed ones.
func unknown(what, word string, allowed []string) error {
	hint := ""
	if near := nearest.Word(word, allowed); near != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	}
	return fmt.Errorf("unknown %s %q%s; allowed are %s", what, word, hint, strings.Join(allowed, ", "))
}
