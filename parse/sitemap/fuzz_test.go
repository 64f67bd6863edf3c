package sitemap

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
)

func addSeeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(txtar.Parse(data).Files[0].Data)
	}
}

// Whatever comes, Parse ends, and what it yields keeps the promises of Entry.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Add(zip(f, []byte("<urlset><url><loc>a</loc></url></urlset>")))
	f.Add([]byte("\xff\xfe<\x00u\x00r\x00l\x00s\x00e\x00t\x00>\x00"))
	f.Add([]byte("<?xml encoding='shift_jis'?><urlset><url><loc>\x93\xfa"))
	for _, body := range hostile.Bodies(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		entries, err := collect(body)
		if err != nil && strings.Contains(err.Error(), "panic: ") {
			t.Fatal(err)
		}
		if len(entries) > MaxEntries {
			t.Fatalf("%d entries", len(entries))
		}
		for _, e := range entries {
			if e.Loc == "" || e.Loc != strings.TrimSpace(e.Loc) || len(e.Loc) > MaxValue || !utf8.ValidString(e.Loc) {
				t.Fatalf("Loc = %q", e.Loc)
			}
			if e.Priority != -1 && !(e.Priority >= 0 && e.Priority <= 1) {
				t.Fatalf("Priority = %v", e.Priority)
			}
		}
	})
}

// On well-formed XML, encoding/xml is the oracle: the whole document read into a tree, the entries picked from it.
func FuzzParseWellFormed(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		root := tree(body)
		if root == nil || sniff(body[:min(len(body), peekSize)]) != xmlText {
			return
		}
		form, known := formatOf(root.local())
		if !known {
			return
		}
		got, err := collect(body)
		if err != nil {
			t.Fatalf("Parse = %v, but the XML is well-formed", err)
		}
		if diff := cmp.Diff(pick(root, form), got); diff != "" {
			t.Fatalf("(-encoding/xml +Parse)\n%s", diff)
		}
	})
}

// node is an element in encoding/xml's reading, with names as they are written.
type node struct {
	name  string
	attrs []xml.Attr
	text  strings.Builder // its own, without that of its children
	nodes []*node
}

func (n *node) local() string {
	_, local := splitName([]byte(n.name))
	return string(local)
}

func (n *node) prefix() string {
	prefix, _ := splitName([]byte(n.name))
	return string(prefix)
}

func written(name xml.Name) string {
	if name.Space != "" {
		return name.Space + ":" + name.Local
	}
	return name.Local
}

// tree gives the root of body, or nil when it is not one well-formed element in plain UTF-8. Unmarshal says what is
// well-formed; the tree is of raw tokens, because what matters to Parse are prefixes and not the namespaces they stand for.
// Carriage returns are left out: XML reads them as line feeds, and Parse leaves them as they are.
func tree(body []byte) *node {
	if !utf8.Valid(body) || bytes.ContainsAny(body, "\r\ufeff\x00") || charsetOf(body).Name != "utf-8" {
		return nil
	}
	var any struct{}
	if xml.Unmarshal(body, &any) != nil {
		return nil
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	top := &node{}
	open := []*node{top}
	for {
		token, err := decoder.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: written(token.Name), attrs: slices.Clone(token.Attr)}
			last.nodes = append(last.nodes, n)
			open = append(open, n)
		case xml.EndElement:
			if len(open) == 1 || last.name != written(token.Name) {
				return nil
			}
			open = open[:len(open)-1]
		case xml.CharData:
			last.text.Write(token)
		}
	}
	if len(open) != 1 || len(top.nodes) != 1 {
		return nil
	}
	return top.nodes[0]
}

func pick(root *node, form format) []Entry {
	items := root.nodes
	for range form.depth - 2 {
		var below []*node
		for _, n := range items {
			below = append(below, n.nodes...)
		}
		items = below
	}
	var entries []Entry
	for _, item := range items {
		if item.local() != form.item {
			continue
		}
		e := Entry{Priority: -1, Index: form.index}
		guid := ""
		for _, n := range item.nodes {
			if n.prefix() == item.prefix() {
				pickField(&e, &guid, form.field(n.local()), n)
			}
		}
		if e.Loc == "" && isWebURL([]byte(guid)) {
			e.Loc = guid
		}
		if e.Loc != "" {
			entries = append(entries, e)
		}
	}
	return entries
}

// pickField uses the reading of single values, which have tests of their own; what is compared is how they are found.
func pickField(e *Entry, guid *string, f field, n *node) {
	attr := func(name string) (string, bool) {
		for _, a := range n.attrs {
			if written(a.Name) == name {
				return strings.TrimSpace(a.Value), true
			}
		}
		return "", false
	}
	d := &document{item: *e, guid: *guid, field: f}
	switch f {
	case href:
		rel, hasRel := attr("rel")
		if target, _ := attr("href"); e.Loc == "" && (!hasRel || rel == "alternate") {
			e.Loc = target
		}
		return
	case permalink:
		if is, has := attr("isPermaLink"); has && is != "true" {
			return
		}
	}
	d.text = []byte(n.text.String())
	d.endField()
	*e, *guid = d.item, d.guid
}
