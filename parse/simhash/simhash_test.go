package simhash_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
	"github.com/trawl-crawler/trawl/parse/simhash"
)

const page = `<!doctype html><html><head><title>The quay</title><meta name="csrf" content="%[1]s">
<script nonce="%[1]s">var t = %[2]d; if (1 < 2) document.write("<p>x")</script><style>p { color: red }</style></head>
<body data-time="%[2]d"><nav><a href="/?s=%[1]s">Home</a> and %[3]s</nav>
<p>The harbour office reopened the slipway below the market, after two winters of delay.
Nobody noticed until somebody measured it &amp; told the others: 4 &lt; 5.</p>
<form><input type="hidden" name="token" value="%[1]s"></form>
<p>Last seen on %[4]s, %[2]d minutes ago, session %[1]s.</p>
<aside>Most read: %[3]s</aside><footer>Rendered in %[2]d ms. %[3]s</footer>
<!-- cached %[1]s at %[4]s --></body></html>`

func render(token string, number int, boilerplate, date string) []byte {
	return fmt.Appendf(nil, page, token, number, boilerplate, date)
}

// What changes each time a page is made leaves its sum as it was.
func TestUnchanged(t *testing.T) {
	want := simhash.Of(render("a81f0c9e77", 1714557600, "one thing", "Wed, 01 May 2024 10:00:00 GMT"))
	if want == (simhash.Sum{}) {
		t.Fatal("the page is not read")
	}
	random := rand.New(rand.NewPCG(1, 2))
	dates := []string{"Sun, 13 Oct 2030 22:11:59 UTC", "2024-05-02T10:00:00Z", "May 3, 2024, 10:05 pm", "10:05", "3 hours ago"}
	for range 200 {
		token := fmt.Sprintf("%016x0", random.Uint64())
		got := simhash.Of(render(token, random.Int(), "other things to read", dates[random.IntN(len(dates))]))
		if got != want {
			t.Fatalf("token %s: %+v, want %+v", token, got, want)
		}
	}
}

// A changed sentence, word, or order of words changes the sum; the more of the
// text it is, the more bits.
func TestChanged(t *testing.T) {
	before := render("a81f0c9e77", 1, "x", "10:00")
	sum := simhash.Of(before)
	for _, change := range [][2]string{
		{"after two winters of delay", "in spite of a letter from the ministry"},
		{"reopened", "closed"},
		{"harbour office", "office harbour"},
		{"Nobody noticed", ""},
		{"</p>", " More.</p>"},
		{"The quay", "The kay"},
	} {
		after := strings.Replace(string(before), change[0], change[1], 1)
		if got := simhash.Of([]byte(after)); got.Exact == sum.Exact {
			t.Errorf("%q for %q: the exact sum is the same", change[1], change[0])
		}
	}
}

var vocabulary = strings.Fields(`quay rope tide harbour lock keeper bread oven apple orchard chart table lens storm winter paper
	office bridge council letter market slipway crew crane tea number stone path boat sail north pier fog day coast book shop
	light house train night team old brass clock horn deck brush jacket price order page reader writer word line text`)

func prose(random *rand.Rand, sentences int) []string {
	text := make([]string, sentences)
	for i := range text {
		words := make([]string, 10)
		for j := range words {
			words[j] = vocabulary[random.IntN(len(vocabulary))]
		}
		text[i] = strings.Join(words, " ") + ". "
	}
	return text
}

// Of 40 sentences one is another: the texts stay alike, and unrelated ones do not become so.
func TestSimilar(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const rounds, near, far = 300, 14, 15
	beyond, within := 0, 0
	for range rounds {
		text := prose(random, 40)
		before := simhash.Of([]byte(strings.Join(text, "")))
		text[random.IntN(len(text))] = prose(random, 1)[0]
		after := simhash.Of([]byte(strings.Join(text, "")))
		if before.Exact == after.Exact {
			t.Fatal("a changed sentence leaves the exact sum as it was")
		}
		if simhash.Distance(before.Similar, after.Similar) > near {
			beyond++
		}
		other := simhash.Of([]byte(strings.Join(prose(random, 40), "")))
		if simhash.Distance(before.Similar, other.Similar) < far {
			within++
		}
	}
	if beyond > rounds/50 || within > rounds/50 {
		t.Errorf("of %d texts %d with one sentence changed are far, %d unrelated ones near", rounds, beyond, within)
	}
}

// With enough text the rest of a page is not read, and with less of it all is.
func TestProseOfEnough(t *testing.T) {
	text := []byte(strings.Join(prose(rand.New(rand.NewPCG(7, 8)), 400), ""))
	const enough = 8 << 10
	begins := simhash.Prose(text, enough)
	if got := simhash.Prose(text[:2*enough], enough); got != begins {
		t.Errorf("the text behind is read: distance %d", simhash.Distance(got, begins))
	}
	if got, want := simhash.Prose(text[:enough/2], enough), simhash.Of(text[:enough/2]).Similar; got != want {
		t.Errorf("%#x of all of a short text, want %#x", got, want)
	}
	both := simhash.Both(text, enough)
	if got := simhash.Distance(simhash.Both(text[:2*enough], enough).Similar, both.Similar); got != 0 {
		t.Errorf("the text behind is counted: distance %d", got)
	}
	if want := simhash.Exact(text); both.Exact != want {
		t.Errorf("the exact sum of the whole text is %#x, want %#x", both.Exact, want)
	}
}

// What links say is no prose.
func TestProse(t *testing.T) {
	tests := []struct{ page, same string }{
		{`<p>One and a half <a href="/x">two</a> three`, `One and a half <br> three`},
		{`<p>One and a half <A HREF=x>two <b>more</b></A> <abbr>three</abbr>`, `One and a half <br> <br> three`},
		{`One and a half <a>one<a>two</a>three`, `One and a half <br> three`},
		{`One and a half <a href=x>two`, `One and a half <br> two`}, // never ends
		{`One and a half <a href=x>two<a href=x>three`, `One and a half <br> three`},
		{`One and a half <a`, `One and a half `},
		{`One and a half <`, `One and a half `},
		{`<a href="/x">only a link</a>`, ``},
		{`<nav>x <a>y</a></nav>One and a half`, `One and a half`},
	}
	for _, tt := range tests {
		if got, want := simhash.Prose([]byte(tt.page), 1000), simhash.Of([]byte(tt.same)).Similar; got != want {
			t.Errorf("%q: %#x, want that of %q, %#x", tt.page, got, tt.same, want)
		}
		both := simhash.Both([]byte(tt.page), 1000)
		if want := (simhash.Sum{Exact: simhash.Exact([]byte(tt.page)), Similar: simhash.Of([]byte(tt.same)).Similar}); both != want {
			t.Errorf("%q: both sums are %#x, want %#x", tt.page, both, want)
		}
	}
}

// Whether a word is too long to be one does not depend on where it stands.
func TestLongest(t *testing.T) {
	for letters := 30; letters < 60; letters++ {
		long := strings.Repeat("o", letters)
		want := simhash.Exact([]byte("a word"))
		if letters <= 40 {
			want = simhash.Exact([]byte("a " + long + " word"))
		}
		for pad := range 20 {
			page := strings.Repeat("7", pad) + " a " + long + " word"
			if got := simhash.Exact([]byte(page)); got != want {
				t.Errorf("a word of %d letters after %d bytes: %#x, want %#x", letters, pad, got, want)
			}
		}
	}
}

// The sums are stored, so that they may not change from one version to the next.
func TestStable(t *testing.T) {
	got := simhash.Of(render("a81f0c9e77", 1, "x", "10:00"))
	want := simhash.Sum{Exact: 0xf2f573d854ccc757, Similar: 0x7343e3c6d00b525c}
	if got != want {
		t.Errorf("%#v, want %#v", got, want)
	}
}

// The same text is the same sum, however it is marked up.
func TestMarkup(t *testing.T) {
	want := simhash.Of([]byte("Time and tide wait for no one"))
	for _, page := range []string{
		"<P CLASS='a>b'>Time <b>and</b> tide<br/>wait for&nbsp;no one", "TIME and Tide wait, for no one!", "Time and tide <!-- not > --> wait for no one 42",
		"Time and tide wait for no one<script>more()</script>", "Time and tide <SCRIPT>a</scr</SCRIPT >wait for no one", "Time and tide wait for no one <svg><text>x</text></svg>",
		"<nav>a</nav>Time and tide<footer>b</footer> wait for no one", "<p title=it's>Time and tide wait for no one", "Time and tide wait for no one < 7 >",
	} {
		if got := simhash.Of([]byte(page)); got.Exact != want.Exact {
			t.Errorf("%s: %+v, want %+v", page, got, want)
		}
	}
	if got := simhash.Of([]byte("<nav>Time and tide wait for no one")); got != want {
		t.Errorf("a <nav> that does not end hides the text: %+v", got)
	}
	if got := simhash.Of(nil); got != (simhash.Sum{}) {
		t.Errorf("no text: %+v", got)
	}
}

// What begins and never ends is searched for once: this takes as long as it
// takes to read, not its square.
func TestEndless(t *testing.T) {
	const size = 4 << 20
	for _, part := range []string{"<nav>", "<script ", "<svg></", "<!-- ", "<a '", `<a b="`, "<", "&", "</", "<p a='>"} {
		page := []byte(strings.Repeat(part, size/len(part)))
		simhash.Of(page)
	}
}

func FuzzOf(f *testing.F) {
	f.Add(render("a", 1, "b", "c"), "word")
	f.Add([]byte("<script><nav><!-- <a title='>"), "other")
	f.Add([]byte("&amp &; May 1 2024 5 minutes ago"), "May")
	for _, body := range hostile.Bodies(f) {
		f.Add(body, "word")
	}
	f.Fuzz(func(t *testing.T, page []byte, word string) {
		sum := simhash.Of(page)
		if sum != simhash.Of(page) {
			t.Fatal("not the same again")
		}
		if both := simhash.Both(page, 4<<10); both.Exact != sum.Exact {
			t.Errorf("%q: the exact sum is %#x with the other, want %#x", page, both.Exact, sum.Exact)
		}
		if exact := simhash.Exact(page); exact != sum.Exact {
			t.Fatalf("%#x alone, %#x with the similar one", exact, sum.Exact)
		}
		if strings.ContainsAny(string(page), "<&") {
			return
		}
		// Without markup, tags and numbers around the text are nothing.
		wrapped := append([]byte("<p class='1'>\n<script>x</script>"), page...)
		if got := simhash.Of(append(wrapped, "\n<!-- x --></p>"...)); got != sum {
			t.Fatalf("%+v within a paragraph, %+v without", got, sum)
		}
	})
}

// BenchmarkOf reads other pages all the time, as a crawl does: what a processor
// has learned of one page is of no use for the next.
func BenchmarkOf(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, kind := range []struct {
		name string
		line func() string
	}{
		{"page", func() string {
			return fmt.Sprintf("<div class=\"item item-%d\" id=\"i%[1]d\"><a href=\"/some/path/to/page-%[1]d.html\" title=\"a title\">%s</a><p>%s</p></div>\n",
				random.IntN(1000), prose(random, 1)[0], strings.Join(prose(random, 2), ""))
		}},
		{"prose", func() string { return prose(random, 1)[0] }},
	} {
		pages := make([][]byte, 64)
		for i := range pages {
			var text strings.Builder
			for text.Len() < 10<<10 {
				text.WriteString(kind.line())
			}
			pages[i] = []byte(text.String())[:10<<10]
		}
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(int64(len(pages[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				simhash.Exact(pages[i%len(pages)])
			}
		})
	}
}

// A text may be of any length and have its phrases end anywhere: the buffer of
// the sums neither runs over, nor is anything left out of them.
func TestManyShortPhrases(t *testing.T) {
	for _, word := range []string{"a", "ab", "seven77", "letters", "eightlet", "jan", "7", "é", "a b"} {
		for _, end := range []string{"\n", "  ", "<p>", "&amp;", " 7 ", ", "} {
			page := strings.Repeat(word+end, 5000)
			sum, longer := simhash.Of([]byte(page)), simhash.Of([]byte(page+"other"))
			if sum.Exact == longer.Exact {
				t.Errorf("%q: the last of many words makes no difference", word+end)
			}
		}
	}
}
