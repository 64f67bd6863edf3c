package crawler_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

// Numbers are no part of a page's text, but what is taken from it may be
// nothing else: a price that changes is news then, for its items as well.
func TestOtherDataIsNews(t *testing.T) {
	shop := func(price, made string) string {
		return "-- / --\n<p class=card>it costs <b>" + price + "</b></p><p>made at " + made + "</p>\n"
	}
	plan := compile(t, "name: shop\nitems: {product: {each: .card, fields: {price: b}}}")
	taking := func(o *crawler.Options) {
		o.Extract, o.Emit = &extract.Plan{Recipes: []*recipe.Recipe{plan}}, o.Emit|output.EmitItems
	}
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		rerun(t, store, shop("10", "12:04:31"), recrawl.Policy{}, taking)
		got, _ := rerun(t, store, shop("9", "12:04:31"), recrawl.Policy{}, taking)
		wantLines(t, got, "modified http://h.test/", "modified http://h.test/")
		got, _ = rerun(t, store, shop("9", "17:20:01"), recrawl.Policy{}, taking)
		wantLines(t, got, "unchanged http://h.test/", "unchanged http://h.test/")
		got, _ = rerun(t, store, shop("8", "17:20:01"), recrawl.Policy{}, nil)
		wantLines(t, got, "unchanged http://h.test/")
	})
}

// A page that refreshes, to itself or to another, has changed when it says other
// things, and when it leads elsewhere.
func TestAPageThatRefreshesChanges(t *testing.T) {
	refresh := func(to, text string) string {
		return "-- / --\n<meta http-equiv=refresh content='300; url=" + to + "'><p>" + text + "\n-- /to --\n-- /elsewhere --\n"
	}
	const words, others = "some words that stand here", "other news than there was before"
	for _, tt := range []struct{ before, after, want string }{
		{refresh("/", words), refresh("/", words), "unchanged http://h.test/"},
		{refresh("/", words), refresh("/", others), "modified http://h.test/"},
		{refresh("/to", words), refresh("/to", others), "modified http://h.test/"},
		{refresh("/to", words), refresh("/to", words+" 17:20"), "unchanged http://h.test/"},
		{refresh("/to", words), refresh("/elsewhere", words), "modified http://h.test/"},
	} {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New().Remember()
			rerun(t, store, tt.before, recrawl.Policy{}, nil)
			if got, _ := rerun(t, store, tt.after, recrawl.Policy{}, nil); !slices.Contains(got, tt.want) {
				t.Errorf("%q: %s, want %s", tt.after, got, tt.want)
			}
		})
	}
}

// headers leaves the bodies with their servers, as of PDFs.
type headers struct{ *web }

func (h headers) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	page, err := h.web.Fetch(ctx, fetch.Request{URL: req.URL})
	if page != nil {
		page.Body = nil
	}
	return page, err
}

// What is not downloaded has changed when its server says so: it is later, or
// longer, or has another ETag where there is no date.
func TestWhatIsNotDownloadedChanges(t *testing.T) {
	const (
		first  = "Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT\n"
		later  = "Last-Modified: Sun, 02 Jan 2000 00:00:00 GMT\n"
		tagged = "Etag: \"1\"\n"
	)
	for _, tt := range []struct{ before, after, want string }{
		{first + "\npdf", first + "\npdf", "unchanged"},
		{first + "\npdf", later + "\npdf", "modified"},
		{first + "\npdf", first + "\nlonger", "modified"},
		{first + tagged + "\npdf", first + "Etag: \"2\"\n\npdf", "unchanged"},
		{tagged + "\npdf", "Etag: W/\"1\"\n\npdf", "unchanged"},
		{tagged + "\npdf", "Etag: \"2\"\n\npdf", "modified"},
		{"\npdf", "\nPDF", "unchanged"}, // nobody can tell
	} {
		synctest.Test(t, func(t *testing.T) {
			site := "-- / --\nHTTP\nContent-Type: application/pdf\n"
			store := memory.New().Remember()
			adapt := func(o *crawler.Options) { o.Fetcher = headers{o.Fetcher.(*web)} }
			rerun(t, store, site+tt.before, recrawl.Policy{}, adapt)
			got, _ := rerun(t, store, site+tt.after, recrawl.Policy{}, adapt)
			wantLines(t, got, tt.want+" http://h.test/")
		})
	}
}

// A validator that is longer than servers read is not sent, nor kept: the page is
// compared by its bytes.
func TestALongValidatorIsNotSent(t *testing.T) {
	for long, want := range map[int]string{1000: "unchanged http://h.test/", 2000: "modified http://h.test/"} {
		synctest.Test(t, func(t *testing.T) {
			site := "-- / --\nHTTP\nEtag: \"" + strings.Repeat("x", long) + "\"\n\n"
			store := memory.New().Remember()
			rerun(t, store, site+"one", recrawl.Policy{}, nil)
			got, _ := rerun(t, store, site+"two", recrawl.Policy{}, nil)
			wantLines(t, got, want)
		})
	}
}
