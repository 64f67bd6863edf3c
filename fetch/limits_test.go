package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
)

// What is beyond a limit before there is a body is an error that names it.
func TestLimitsOfHeaders(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"], w.Header()["Date"] = nil, nil
		for i := range 20 {
			w.Header().Add(fmt.Sprintf("X-%d", i%10), strings.Repeat("x", 100))
		}
		w.WriteHeader(http.StatusNoContent)
	})
	for _, tt := range []struct {
		name           string
		within, beyond fetch.Limits
		words          string
		limit          fetch.Limit
	}{
		{"URL", fetch.Limits{URL: len(s.URL) + 1}, fetch.Limits{URL: len(s.URL)}, fmt.Sprintf("the URL has %d bytes: more than %d", len(s.URL)+1, len(s.URL)), fetch.LimitURL},
		{"fields", fetch.Limits{Fields: 20}, fetch.Limits{Fields: 19}, "the response's header has 20 fields: more than 19", fetch.LimitFields},
		{"bytes", fetch.Limits{Header: 3 << 10}, fetch.Limits{Header: 1 << 10}, "the response's header is larger than the limit", fetch.LimitHeader},
	} {
		t.Run(tt.name, func(t *testing.T) {
			get(t, newClient(t, fetch.Options{Limits: tt.within}), s.URL)
			c := newClient(t, fetch.Options{Limits: tt.beyond})
			_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL)})
			if limit, _ := errors.AsType[fetch.Limit](err); limit != tt.limit {
				t.Errorf("limit %q of %v, want %q", limit, err, tt.limit)
			}
			kind, words := getKind(t, c, s.URL)
			if kind != fetch.KindTooLarge || words != tt.words {
				t.Errorf("%s: %s; want too_large: %s", kind, words, tt.words)
			}
		})
	}
}

// The largest number there is cuts nothing.
func TestTheLargestBodyIsWhole(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "whole") })
	page := get(t, newClient(t, fetch.Options{MaxBody: math.MaxInt64}), s.URL)
	if string(page.Body) != "whole" || page.Truncated {
		t.Errorf("%q, truncated %v", page.Body, page.Truncated)
	}
}

// A URL that is too long costs its host nothing.
func TestLongURLIsNotAskedFor(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { t.Error("asked") })
	c := newClient(t, fetch.Options{})
	_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL+"/"+strings.Repeat("a", 8<<10)), Started: func(time.Time) { t.Error("started") }})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindTooLarge || e.Kind.Temporary() {
		t.Errorf("%v, want too_large, once", err)
	}
}

// A page says which limit cut its body, and has what came until then.
func TestLimitsOfBodies(t *testing.T) {
	noise := make([]byte, 4<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	zeros := make([]byte, 4<<20)
	lines := bytes.Repeat([]byte("<p>The same line again, with a number 12345678901.</p>\n"), 40<<10)
	for _, tt := range []struct {
		name    string
		limits  fetch.Limits
		maxBody int64
		coding  string
		body    []byte
		limit   fetch.Limit
		atLeast int
	}{
		{"whole", fetch.Limits{}, 0, "", noise, "", len(noise)},
		{"decoded", fetch.Limits{}, 1000, "", noise, fetch.LimitBody, 1000},
		{"decoded from a coding", fetch.Limits{}, 1000, "gzip", lines, fetch.LimitBody, 1000},
		{"coded", fetch.Limits{Compressed: 64 << 10}, 0, "gzip", noise, fetch.LimitCompressed, 60 << 10},
		{"coded twice", fetch.Limits{Compressed: 64 << 10}, 0, "gzip br", noise, fetch.LimitCompressed, 60 << 10},
		{"coded, not a body without a coding", fetch.Limits{Compressed: 64 << 10}, 0, "", noise, "", len(noise)},
		{"ratio, gzip", fetch.Limits{}, 0, "gzip", zeros, fetch.LimitRatio, 1 << 20},
		{"ratio, br", fetch.Limits{}, 0, "br", zeros, fetch.LimitRatio, 1 << 20},
		{"ratio, zstd", fetch.Limits{}, 0, "zstd", zeros, fetch.LimitRatio, 1 << 20},
		{"ratio, deflate", fetch.Limits{}, 0, "deflate", zeros, fetch.LimitRatio, 1 << 20},
		{"ratio, gzip in gzip", fetch.Limits{}, 0, "gzip gzip", zeros, fetch.LimitRatio, 1 << 20},
		{"ratio of a small page", fetch.Limits{}, 0, "gzip", zeros[:1<<20], "", 1 << 20},
		{"ratio that is allowed", fetch.Limits{Ratio: 2000}, 0, "gzip", zeros, "", len(zeros)},
		{"ratio of text", fetch.Limits{Ratio: 400}, 0, "gzip", lines, "", len(lines)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			codings := strings.Fields(tt.coding)
			body := encode(t, tt.body, codings...)
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				if tt.coding != "" {
					w.Header().Set("Content-Encoding", strings.Join(codings, ", "))
				}
				w.Write(body)
			})
			c := newClient(t, fetch.Options{Limits: tt.limits, MaxBody: tt.maxBody})
			page := get(t, c, s.URL)
			if page.Limit != tt.limit || page.Truncated != (tt.limit != "") {
				t.Errorf("limit %q, truncated %v; want %q", page.Limit, page.Truncated, tt.limit)
			}
			if len(page.Body) < tt.atLeast || len(page.Body) > tt.atLeast+256<<10 || !bytes.HasPrefix(tt.body, page.Body) {
				t.Errorf("a body of %d bytes, want the first %d or a few more", len(page.Body), tt.atLeast)
			}
		})
	}
}

// Cookies beyond the limit of a host are counted.
func TestLimitOfCookies(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		for i := range 10 {
			http.SetCookie(w, &http.Cookie{Name: fmt.Sprint("c", i), Value: "v"})
		}
		http.SetCookie(w, &http.Cookie{Name: "large", Value: strings.Repeat("v", 5000)})
		fmt.Fprint(w, len(r.Cookies()))
	})
	for limit, refused := range map[int]int{0: 1, 7: 4} {
		c := newClient(t, fetch.Options{Limits: fetch.Limits{Cookies: limit}})
		if got := get(t, c, s.URL).CookiesRefused; got != refused {
			t.Errorf("limit %d: %d refused, want %d", limit, got, refused)
		}
		if got, want := string(get(t, c, s.URL).Body), fmt.Sprint(11-refused); got != want {
			t.Errorf("limit %d: %s cookies came back, want %s", limit, got, want)
		}
	}
}

// A page that redirects to itself once it has set its cookie is found at the
// next exchange, and a body that breaks takes no cookie back.
func TestCookieIsKeptWhenFetchReturns(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("seen"); err == nil {
			io.WriteString(w, "the page")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
		if r.URL.Path == "/broken" {
			w.Header().Set("Content-Length", "100")
			return
		}
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	})
	for _, path := range []string{"/", "/broken"} {
		c := newClient(t, fetch.Options{})
		u := parse(t, s.URL+path)
		if page, err := c.Fetch(t.Context(), fetch.Request{URL: u}); (err != nil) != (path == "/broken") || page != nil && page.Header.Get("Location") != path {
			t.Fatalf("%s: page %v, error %v", path, page, err)
		}
		if page := get(t, c, u.String()); page.Status != 200 || string(page.Body) != "the page" {
			t.Errorf("%s again: status %d %q", path, page.Status, page.Body)
		}
	}
}

// A page's body goes to the next page once it is released, be it twice or on
// a copy, and not before.
func TestRelease(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "page "+r.URL.Path) })
	c := newClient(t, fetch.Options{})
	first := get(t, c, s.URL+"/1")
	body, duplicate := first.Body, *first
	second := get(t, c, s.URL+"/2")
	if string(body) != "page /1" {
		t.Fatalf("the first body is now %q", body)
	}
	first.Release()
	first.Release()
	duplicate.Release()
	third, fourth := get(t, c, s.URL+"/3"), get(t, c, s.URL+"/4")
	if got := string(second.Body) + string(third.Body) + string(fourth.Body); got != "page /2page /3page /4" {
		t.Errorf("bodies %q", got)
	}
	if string(body) != "page /3" {
		t.Errorf("the first buffer has %q, want it used again, once", body)
	}
	if first.Body != nil || first.Length != 7 || first.Status != 200 {
		t.Errorf("released: %q, %d bytes, status %d", first.Body, first.Length, first.Status)
	}
	(&fetch.Page{}).Release()
}

// A client asks for no more pages than it has room for, and for the next one
// when one is released; waiting is not the server's fault.
func TestMaxHeld(t *testing.T) {
	asked := make(chan string, 1)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.Write(make([]byte, 60<<10))
	})
	c := newClient(t, fetch.Options{MaxHeld: 50 << 10})
	first := get(t, c, s.URL+"/first") // larger than all there is: it passes alone
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Fetch(ctx, fetch.Request{URL: parse(t, s.URL+"/second")})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindTimeout {
		t.Errorf("%v, want timeout", err)
	}
	select {
	case path := <-asked:
		t.Errorf("asked for %s with no room for it", path)
	default:
	}
	first.Release()
	get(t, c, s.URL+"/third").Release()
	if path := <-asked; path != "/third" {
		t.Errorf("asked for %s", path)
	}
	if kind, _ := getKind(t, c, rawServer(t, says("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 60000\r\n\r\nshort"))); kind != fetch.KindReset {
		t.Errorf("kind %s", kind)
	}
	get(t, c, s.URL+"/fourth") // what broke holds nothing
}

// The limits of time stand still while a body waits for room.
func TestWaitForRoomIsNotTheServers(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second // of real time: what a busy machine takes for two exchanges is far below it
	asked, answers := make(chan struct{}), make(chan struct{})
	answer := func(conn net.Conn) {
		for _, step := range []chan struct{}{asked, answers} {
			select {
			case step <- struct{}{}:
			case <-t.Context().Done(): // a test that has failed takes no more steps
				return
			}
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 60000\r\n\r\n%s", make([]byte, 60000))
	}
	a, b := rawServer(t, answer), rawServer(t, answer)
	c := newClient(t, fetch.Options{MaxHeld: 64 << 10, Timeout: limit})
	pages := make(chan *fetch.Page, 2)
	for _, url := range []string{a, b} {
		go func() {
			page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, url)})
			if err != nil {
				t.Error(err)
			}
			pages <- page
		}()
		select {
		case <-asked: // both are asked before either holds anything
		case <-pages:
			t.Fatal("it ended before it was answered")
		}
	}
	<-answers
	<-answers
	first := <-pages
	if first == nil {
		t.FailNow()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*limit/2)
	defer cancel()
	if page, err := c.Fetch(ctx, fetch.Request{URL: parse(t, a)}); err == nil {
		t.Errorf("got %v with no room for it", page)
	}
	first.Release()
	if second := <-pages; second != nil && (len(second.Body) != 60000 || second.Elapsed > limit) {
		t.Errorf("%d bytes after %v", len(second.Body), second.Elapsed)
	}
}
