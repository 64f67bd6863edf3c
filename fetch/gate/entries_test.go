package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/weburl"
	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

func TestEntriesForgetTheUnused(t *testing.T) {
	es := newEntries()
	es.maxOrigins, es.maxBytes = 3, 10_000
	for _, origin := range []string{"a", "b", "c"} {
		es.put(origin, &entry{})
	}
	es.get("a")
	es.put("d", &entry{})
	check(t, es, "b was used the longest ago", "a", "c", "d")

	es.put("c", &entry{size: 1})
	check(t, es, "replaced, not added", "a", "c", "d")

	es.put("e", &entry{size: 1100})
	check(t, es, "e leaves bytes for one more", "c", "e")

	es.put("e", (&entry{}).redirected(weburl.FromCanonical("http://h/"+strings.Repeat("a", 10_000))))
	es.put("c", &entry{})
	check(t, es, "where e redirects to leaves none for it", "c")

	es.put("f", &entry{size: 1 << 20})
	check(t, es, "the newest stays, whatever its size", "f")

	es.put("f", &entry{})
	if want := (&item{"f", &entry{}}).weight(); es.bytes != want {
		t.Errorf("%d bytes are counted, want %d", es.bytes, want)
	}
}

func check(t *testing.T, es *entries, why string, want ...string) {
	t.Helper()
	var got []string
	for element := es.order.Front(); element != nil; element = element.Next() {
		got = append(got, element.Value.(*item).origin)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) || len(es.byOrigin) != len(want) {
		t.Errorf("%s: got %v, want %v", why, got, want)
	}
}

// quoting is an error that has more than it says, as those of TLS have certificates.
type quoting struct{ what []byte }

func (quoting) Error() string   { return "malformed" }
func (q quoting) Unwrap() error { return fetch.LimitHeader }

// Of a failure an entry keeps its words, not what was quoted for them, nor all of
// the URL that robots.txt redirects to.
func TestAFailureIsKeptInWords(t *testing.T) {
	const origins, size = 64, 256 << 10
	es := newEntries()
	kept := heaptest.Grown(es, func() {
		for i := range origins {
			at := weburl.FromCanonical("http://h/" + strings.Repeat("a", size))
			cause := &fetch.Error{Kind: fetch.KindProtocol, URL: at, Err: quoting{make([]byte, size)}}
			es.put(fmt.Sprint("http://h", i), (&entry{}).redirected(at).failed(failure(at, 1, cause)))
		}
	})
	if kept > origins*size/8 {
		t.Errorf("%d failures of %d KiB keep %d KiB", origins, size>>10, kept>>10)
	}
	err := es.get("http://h1").refusal(weburl.FromCanonical("http://h1/"))
	text := errors.Unwrap(err).Error()
	if !strings.HasPrefix(text, "fetch http://h/aaa") || !strings.HasSuffix(text, "aaa: protocol: malformed") || len(text) > maxTold+len("…") {
		t.Errorf("it is told in %d bytes: %.30s…%s", len(text), text, text[max(0, len(text)-30):])
	}
	if limit, ok := errors.AsType[fetch.Limit](err); !ok || limit != fetch.LimitHeader {
		t.Errorf("the limit is %q", limit)
	}
}
