package article

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var update = flag.Bool("update", false, "write what is found into testdata/golden/*.txtar")

// Each file has a page, its main content in both forms, and what is known about it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := string(txtar.Format(archive))
			archive.Files = append(archive.Files[:1], results(t, archive.Files[0].Data)...)
			got := string(txtar.Format(archive))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func results(t *testing.T, page []byte) []txtar.File {
	root, base := tree(t, page), pageURL(t)
	before := render(t, root)
	main := Find(root, base)
	text := main.Text()
	markdown, err := main.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	if main.Text() != text {
		t.Error("the text differs after Markdown was written")
	}
	article, err := json.MarshalIndent(Describe(root, base, main), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if render(t, root) != before {
		t.Error("the tree of the page was changed")
	}
	return []txtar.File{
		{Name: "text", Data: []byte(text + "\n")},
		{Name: "markdown", Data: []byte(markdown + "\n")},
		{Name: "article.json", Data: append(article, '\n')},
	}
}

func render(t *testing.T, n *html.Node) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Render(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNothing(t *testing.T) {
	for name, root := range map[string]*html.Node{"no tree": nil, "no text": tree(t, nil), "no body": {Type: html.DocumentNode}} {
		main := Find(root, pageURL(t))
		markdown, err := main.Markdown()
		if main.Text() != "" || markdown != "" || err != nil {
			t.Errorf("%s: text %q, Markdown %q, %v", name, main.Text(), markdown, err)
		}
		if a := Describe(root, pageURL(t), main); a != (Article{}) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// A page that x/net/html refuses has its text all the same.
func TestSpacesBetweenWords(t *testing.T) {
	page := []byte("<p>the <b>price</b>&nbsp;<b>is</b> 5<i>\u3000euros</i>&nbsp;\n<i>a</i> piece<b>s</b>")
	if got, want := plainText(everything(tree(t, page))), "the price is 5 euros a pieces"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestShallow(t *testing.T) {
	deep := strings.Repeat("<div>", 5000) + "<p>The bottom of the <b>sea</b>.<script>drop()</script></p>" + strings.Repeat("</div>", 5000) +
		`<p>The <a href="x">top</a>.</p><script>drop()</script>`
	page := "<html><head><title>Sea</title></head><body>" + deep + "</body></html>"
	if _, err := html.Parse(strings.NewReader(page)); err == nil {
		t.Fatal("x/net/html reads it: there is no need for Shallow")
	}
	root := Shallow([]byte(page), 1<<20)
	if got, want := Find(root, pageURL(t)).Text(), "The bottom of the sea.\n\nThe top."; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got := Describe(root, pageURL(t), Content{}).Title; got != "Sea" {
		t.Errorf("title %q", got)
	}
}

// It has no more than it may have, of tags and texts and of levels.
func TestShallowIsBounded(t *testing.T) {
	root := Shallow([]byte("<p>"+strings.Repeat("one<br>", 1000)), 101)
	if text := plainText(everything(root)); strings.Count(text, "one") != 50 {
		t.Errorf("%d texts, want 50", strings.Count(text, "one"))
	}
	depth, deepest := 0, 0
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		depth++
		deepest = max(deepest, depth)
		for c := range n.ChildNodes() {
			walk(c)
		}
		depth--
	}
	walk(Shallow([]byte(strings.Repeat("<div>", 10_000)), 1<<20))
	if deepest < maxOpen || deepest > maxOpen+3 {
		t.Errorf("%d levels, want about %d", deepest, maxOpen)
	}
}

// What is too deep or too large for one way to read it is left to another, or
// left out.
func TestTreesOfAnySize(t *testing.T) {
	root := &html.Node{Type: html.DocumentNode}
	at := root
	for range 3 * maxLevel {
		div := &html.Node{Type: html.ElementNode, DataAtom: atom.Div, Data: "div"}
		at.AppendChild(div)
		at = div
	}
	at.AppendChild(&html.Node{Type: html.TextNode, Data: "the bottom"})
	if text := Find(root, pageURL(t)).Text(); text != "" {
		t.Errorf("text %q from level %d", text, 3*maxLevel)
	}
	large := "<article><h1>What it is</h1>" + strings.Repeat("<p>It is a sentence, with a comma, and long enough to be taken for text to read.</p>", 50)
	if readable(tree(t, []byte(large)), pageURL(t)) == nil {
		t.Error("a small page is not read")
	}
	if readable(tree(t, []byte(large+strings.Repeat("<br>", maxElements))), pageURL(t)) != nil {
		t.Error("a page of too many elements is read")
	}
}

// On pages that both can read, Shallow gives the text that x/net/html does.
func TestShallowCorpus(t *testing.T) {
	for _, s := range corpus(t) {
		want, got := plainText(everything(tree(t, s.page))), plainText(everything(Shallow(s.page, 1<<20)))
		if score := compare(want, got); score.f1 < 0.99 {
			t.Errorf("%s: the texts differ: %s", s.name, score)
		}
	}
}

// What would make much of little is written small.
func TestBounds(t *testing.T) {
	for name, page := range map[string]string{
		"spans":         "<table>" + strings.Repeat(`<tr>`+strings.Repeat(`<td colspan=1000 rowspan=60000>x</td>`, 50)+`</tr>`, 50) + "</table>",
		"wide column":   "<table><tr><td>" + strings.Repeat("x", 10_000) + "</td></tr>" + strings.Repeat("<tr><td>y</td></tr>", 1000) + "</table>",
		"nested quotes": strings.Repeat("<blockquote>", 400) + strings.Repeat("x<br>", 5000),
		"nested lists":  strings.Repeat("<ul><li>", 200) + strings.Repeat("x<br>", 5000),
	} {
		main := Find(tree(t, []byte(page)), pageURL(t))
		markdown, err := main.Markdown()
		if err != nil {
			t.Fatal(err)
		}
		if len(markdown) == 0 || len(markdown) > 40*len(page) {
			t.Errorf("%s: %d bytes of Markdown from %d", name, len(markdown), len(page))
		}
	}
}

func TestParseDate(t *testing.T) {
	for value, want := range map[string]string{
		"2024-05-01":                      "2024-05-01T00:00:00Z",
		"2024-05-01T10:00:00.123+0200":    "2024-05-01T10:00:00+02:00",
		"2024-05-01T10:00Z":               "2024-05-01T10:00:00Z",
		" May 1, 2024 ":                   "2024-05-01T00:00:00Z",
		"1 May 2024":                      "2024-05-01T00:00:00Z",
		"Sept. 5, 2024":                   "2024-09-05T00:00:00Z",
		"Aug. 5, 2024":                    "2024-08-05T00:00:00Z",
		"01.05.2024":                      "2024-05-01T00:00:00Z",
		"Wed, 01 May 2024 10:00:00 +0200": "2024-05-01T10:00:00+02:00",
		"Wed, 01 May 2024 10:00:00 PDT":   "2024-05-01T10:00:00-07:00",
		"0000-00-00":                      "",
		"0001-01-01T00:00:00Z":            "",
		"yesterday":                       "",
		"05/01/2024":                      "", // of May or of January
	} {
		if got := firstDate(value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]bool{
		"sidebar": true, "has-sidebar": false, "main-sidebar-left": false, "siteFooter": true, "site-footer": true, "post-content": false,
		"cookie-banner": true, "relatedPosts": true, "navigate": false, "addresses": false, "ad-slot": true, "-": false, "_": false, "": false,
		"shadow": false, "comment": false, "comments-area": true,
	} {
		if got := named(name, boilerplateWords); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

// Headlines keep their level, the first is there though the title says the
// same, and what links to itself is no link.
func TestHeadlines(t *testing.T) {
	words := strings.Repeat("<p>The harbour office counts the boats, the crews and the crates each morning, and writes them down.</p>", 8)
	page := "<title>Boats</title><nav><a href=/>home</a></nav><article><h1>Boats</h1>" + words + `<h2 id=crews><a name=c></a><a href="#crews">Crews</a></h2>` + words + `<h3 id=crates>Crates <a href="#crates">#</a></h3>` + words + `<p>See <a href="/x">there</a>.</p></article>`
	markdown, err := Find(tree(t, []byte(page)), pageURL(t)).Markdown()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(line, "#") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if strings.Join(got, " ") != "# Boats ## Crews ### Crates" || !strings.Contains(markdown, "[there](https://www.example.org/x)") {
		t.Errorf("headlines %q of\n%.300s", got, markdown)
	}
}

// What a page says of HTML is not HTML, nor a character reference of Markdown.
func TestReferencesAreText(t *testing.T) {
	for text, want := range map[string]string{
		"&amp;lt; for &lt;, &amp;#38; &amp;amp;&amp;amp; &lt;b&gt;": "&amp;lt; for &lt;, &amp;#38; &amp;amp;&amp;amp; &lt;b&gt;",
		"AT&amp;T &amp; R&amp;D; &amp;lt &amp; &amp;copy 2026;":     "AT&T & R&D; &lt & &copy 2026;",
		"<code>&amp;lt;</code> <a href='/x'>&amp;gt;</a>":           "`&lt;` [&amp;gt;](/x)",
		"&amp;": "&",
	} {
		root := tree(t, []byte("<p>"+text+"</p>"))
		got, err := Content{everything(root)}.Markdown()
		if got != want || err != nil {
			t.Errorf("%s\n got %q, %v\nwant %q", text, got, err, want)
		}
	}
}

// Where a table cannot be one in Markdown, its cells are apart all the same.
func TestCellsAreApart(t *testing.T) {
	for rows, want := range map[string]string{
		"<tr><th>one<th>two<tr><td>3<br>4<td>five":                   "one two\n\n3  \n4 five",
		"<tr> <td>one</td> <td><ul><li>two</ul></td> <td>three</td>": "one \n\n- two\n\n three",
		"<tr><td>one<td>two<tr><td>three<td><pre>four</pre>":         "one two\n\nthree \n\n```\nfour\n```",
		"<tr><td><code>a|b</code> c|d<td>e":                          "| `a\\|b` c\\|d | e |\n|---|---|",
		"<tr><td><code>a|b</code> c|d<td><pre>e|f</pre>":             "`a|b` c|d \n\n```\ne|f\n```",
		"<tr><td>one <td> two<tr><td>three<td>four":                  "| one | two |\n|---|---|\n| three | four |",
	} {
		root := tree(t, []byte("<table>"+rows+"</table>"))
		got, err := Content{everything(root)}.Markdown()
		if got != want || err != nil {
			t.Errorf("%s\n got %q, %v\nwant %q", rows, got, err, want)
		}
	}
}

// A headline and an author in several lines are words that are apart.
func TestMarksOfSeveralLines(t *testing.T) {
	root := tree(t, []byte("<h1><span>Big</span><br>News</h1><div class=byline><div>By</div><div>Jo <b>Do</b>e</div></div>"))
	if got := Describe(root, pageURL(t), Content{}); got.Title != "Big News" || got.Author != "Jo Doe" {
		t.Errorf("title %q, author %q; want Big News by Jo Doe", got.Title, got.Author)
	}
}

// Texts of JSON-LD are often escaped as those of a page are, and who wrote and
// published an article is often in another place of it.
func TestNamesInJSONLD(t *testing.T) {
	page := func(title, data string) Article {
		return Describe(tree(t, []byte("<title>"+title+`</title><script type="application/ld+json">`+data+"</script>")), pageURL(t), Content{})
	}
	got := page("Tom &amp; Jerry&#8217;s - Site", `{"@graph": [
		{"@type": "Article", "headline": "Tom &amp; Jerry&#8217;s", "description": "A &quot;cat&quot;", "author": {"@id": "#ann"}, "publisher": {"@id": "#us"}},
		{"@type": "Person", "@id": "#ann", "name": "Ann O&#039;Neil"}, {"@type": "Organization", "@id": "#us", "name": "Us &amp; Them"}]}`)
	want := Article{Title: "Tom & Jerry’s", Author: "Ann O'Neil", SiteName: "Us & Them", Excerpt: `A "cat"`}
	if got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	got = page("What is &amp;amp;? - Site", `{"@type": "Article", "headline": "What is &amp;?", "author": [{"@id": "#nobody"}, {"@id": "#x", "name": {"@id": "#x"}}]}`)
	if want := (Article{Title: "What is &amp;?"}); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
