package output_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/article"
)

func TestParseFields(t *testing.T) {
	for _, tc := range []struct{ list, want string }{
		{"", ""},
		{"  ", ""},
		{"url", "url"},
		{"status, url ,status", "url,status"},
		{"error", "error"},
		{"error.kind", "error.kind"},
		{"error.message,error.kind", "error"},
		{"error.kind,error,skip.rule", "error,skip.rule"},
	} {
		if got := parseFields(t, tc.list).String(); got != tc.want {
			t.Errorf("ParseFields(%q) is %q, want %q", tc.list, got, tc.want)
		}
	}
}

func TestParseFieldsErrors(t *testing.T) {
	for _, tc := range []struct{ list, want string }{
		{"url,stauts", `unknown field "stauts" (did you mean "status"?); allowed are url, outcome, type, `},
		{"URL", `unknown field "URL" (did you mean "url"?); allowed are url, `},
		{"url,", `unknown field ""; allowed are `},
		{"error.knd", `unknown field "error.knd" (did you mean "error.kind"?)`},
		{"zebra", `unknown field "zebra"; allowed are `},
		{"url.scheme", `unknown field "url.scheme"; allowed are `},
		{"article.autor", `unknown field "article.autor" (did you mean "article.author"?); allowed are article.title, article.author, `},
		{"article.title.x", `unknown field "article.title.x" (did you mean "article.title"?)`},
		{"contenttype", `(did you mean "content_type"?)`},
	} {
		_, err := output.ParseFields(tc.list)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("ParseFields(%q): %v, want %s", tc.list, err, tc.want)
		}
	}
}

// The members that a list of fields may name of an article are those that it has.
func TestFieldsOfArticles(t *testing.T) {
	whole := parseFields(t, "article")
	for i := range reflect.TypeFor[article.Article]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[article.Article]().Field(i).Tag.Get("json"), ",")
		if parseFields(t, "article."+name) != whole {
			t.Errorf("article.%s is not in the article", name)
		}
	}
}

// TestFieldNames: names are what others write scripts against. One may be
// added, at any place; none may go or change.
func TestFieldNames(t *testing.T) {
	const want = "url outcome type recipe item status depth via seed redirect_to fetched_at elapsed_ms attempts ip protocol content_type " +
		"charset charset_source bytes truncated limits sha256 etag last_modified title description canonical lang robots " +
		"robots_txt change links data structured article text markdown html headers errors error error.kind error.message skip skip.rule skip.detail"
	var got []string
	for _, f := range output.Fields() {
		got = append(got, f.Name)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("fields are\n%s\nwant\n%s", strings.Join(got, " "), want)
	}
}

func TestEmit(t *testing.T) {
	for _, tc := range []struct{ list, text, wants string }{
		{"pages,errors", "pages,errors", "fetched failed"},
		{"skipped, pages", "pages,skipped", "fetched skipped"},
		{"errors", "errors", "failed"},
		{"pages,errors,skipped", "pages,errors,skipped", "fetched failed skipped"},
	} {
		e, err := output.ParseEmit(tc.list)
		if err != nil {
			t.Errorf("ParseEmit(%q): %v", tc.list, err)
		}
		if e.String() != tc.text {
			t.Errorf("ParseEmit(%q) is %q, want %q", tc.list, e, tc.text)
		}
		for _, o := range []output.Outcome{output.Fetched, output.Failed, output.Skipped} {
			if got, want := e.Wants(&output.Record{Outcome: o}), strings.Contains(tc.wants, string(o)); got != want {
				t.Errorf("%q wants %s: %v, want %v", tc.list, o, got, want)
			}
		}
	}
}

func TestEmitErrors(t *testing.T) {
	for _, tc := range []struct{ list, want string }{
		{"page", `unknown kind of record "page" (did you mean "pages"?); allowed are pages, errors, skipped`},
		{"", `unknown kind of record ""; allowed are pages, errors, skipped`},
		{"pages;errors", `unknown kind of record "pages;errors"`},
	} {
		if _, err := output.ParseEmit(tc.list); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("ParseEmit(%q): %v, want %s", tc.list, err, tc.want)
		}
	}
}

func TestEmitHas(t *testing.T) {
	for _, tc := range []struct {
		emit      string
		has, lack string
	}{
		{"items", "url type item recipe via data data.price errors", "title text status depth error price url.scheme"},
		{"items,errors", "url item depth error.kind", "title status skip.size"},
		{"errors", "url error skip.rule", "title item data.price"},
		{"pages", "url title depth data.price error", "price"},
		{"pages,items", "url title item", "price"},
	} {
		e, err := output.ParseEmit(tc.emit)
		if err != nil {
			t.Fatal(err)
		}
		for want, names := range map[bool]string{true: tc.has, false: tc.lack} {
			for name := range strings.FieldsSeq(names) {
				if e.Has(name) != want {
					t.Errorf("%s: Has(%q) is not %v", tc.emit, name, want)
				}
			}
		}
	}
}
