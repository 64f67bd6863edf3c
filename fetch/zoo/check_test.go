package zoo

import (
	"strings"
	"testing"
)

// page is a record as wanted of a case's seed that is a page.
func (z *Zoo) page(name, title string) Observed {
	return Observed{URL: z.Seeds(name)[0], Seed: z.Seeds(name)[0], Outcome: "fetched", Status: 200, Title: title}
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	z := start(t)
	seed := func(name string) string { return z.Seeds(name)[0] }
	failedBy := func(name, kind string) Observed { return Observed{URL: seed(name), Outcome: "failed", ErrorKind: kind} }
	at := func(name, path string, o Observed) Observed {
		o.URL = seed(name) + path
		return o
	}
	for _, c := range []struct {
		what, name string
		records    []Observed
		wrong      string // part of the error; "" is none
	}{
		{"as wanted", "no-answer", []Observed{failedBy("no-answer", "timeout")}, ""},
		{"another kind", "no-answer", []Observed{failedBy("no-answer", "reset")}, "want error timeout"},
		{"another outcome", "no-answer", []Observed{z.page("no-answer", "")}, "want failed"},
		{"nothing", "no-answer", nil, "no record of this seed"},
		{"twice", "no-answer", []Observed{failedBy("no-answer", "timeout"), failedBy("no-answer", "timeout")}, "recorded twice"},
		{"of another case", "no-answer", []Observed{failedBy("no-answer", "timeout"), z.page("tls-good", "x")}, ""},
		{"a page", "tls-good", []Observed{z.page("tls-good", "tls-good")}, ""},
		{"another title", "tls-good", []Observed{z.page("tls-good", "x")}, `want title "tls-good"`},
		{"a title where none is wanted", "html-as-image", []Observed{z.page("html-as-image", "lies")}, `want title "-"`},
		{"not truncated", "title-50mib", []Observed{z.page("title-50mib", "t")}, "it truncated"},
		{"another charset", "charset-meta", []Observed{z.page("charset-meta", "Привет, мир")}, "want charset koi8-r"},
		{"a redirect", "redirect-relative", []Observed{
			{URL: seed("redirect-relative"), Outcome: "fetched", Status: 302, RedirectTo: seed("redirect-relative") + "target"},
			at("redirect-relative", "target", z.page("redirect-relative", "target")),
		}, ""},
		{"a redirect elsewhere", "redirect-relative", []Observed{
			{URL: seed("redirect-relative"), Outcome: "fetched", Status: 302, RedirectTo: "http://x/"},
			at("redirect-relative", "target", z.page("redirect-relative", "target")),
		}, "a redirect to"},
		{"no second page", "redirect-relative", []Observed{
			{URL: seed("redirect-relative"), Outcome: "fetched", Status: 302, RedirectTo: seed("redirect-relative") + "target"},
		}, "no record, want target"},
		{"one of all", "redirect-300-hops", []Observed{
			{URL: seed("redirect-300-hops"), Outcome: "fetched", Status: 302, RedirectTo: seed("redirect-300-hops") + "1"},
			at("redirect-300-hops", "10", Observed{Outcome: "fetched", Status: 302, Limits: []string{"redirects"}, ErrorKind: "too_large"}),
			at("redirect-300-hops", "11", Observed{Outcome: "skipped", SkipRule: "redirects"}),
		}, ""},
		{"over in silence", "redirect-300-hops", []Observed{
			{URL: seed("redirect-300-hops"), Outcome: "fetched", Status: 302, RedirectTo: seed("redirect-300-hops") + "1", Limits: []string{"redirects"}},
			at("redirect-300-hops", "11", Observed{Outcome: "skipped", SkipRule: "redirects"}),
		}, "over redirects"},
		{"none of all", "redirect-300-hops", []Observed{
			{URL: seed("redirect-300-hops"), Outcome: "fetched", Status: 302, RedirectTo: seed("redirect-300-hops") + "1"},
		}, "none is as wanted"},
	} {
		err := z.Check(named(t, c.name), c.records)
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v", c.what, err)
		case c.wrong != "" && err == nil:
			t.Errorf("%s: no error, want %q", c.what, c.wrong)
		case c.wrong != "" && !strings.Contains(err.Error(), c.wrong):
			t.Errorf("%s: error %q, want %q", c.what, err, c.wrong)
		}
	}
	if err := z.Check(Case{Name: "no such"}, nil); err == nil {
		t.Error("a case that is not there: no error")
	}
}
