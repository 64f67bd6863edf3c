package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// address is where a server can be found.
type address struct {
	Origins []string // of the site, one a host
	Control string   // elsewhere, so that asking about connections makes none
}

// counts are what a server saw of its site.
type counts struct{ Accepts, Requests int64 }

// site serves pages that are ready in memory, and /slow/ pages that are held
// back until all of them have been asked for.
type site struct {
	pages    map[string][]byte
	accepts  atomic.Int64
	requests atomic.Int64

	slow     sync.WaitGroup // until all slow requests are in flight
	released chan struct{}
}

// playServer serves until its standard input ends.
func playServer(_ context.Context, j job) (report, error) {
	s := &site{pages: sitePages(j), released: make(chan struct{})}
	s.slow.Add(j.Requests)
	where := address{}
	hosts := fetchtest.Hosts(max(j.Hosts, 1))
	server := &http.Server{Handler: s, ConnState: s.connState}
	port := "0"
	for _, host := range hosts {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return report{}, err
		}
		_, port, _ = net.SplitHostPort(listener.Addr().String())
		where.Origins = append(where.Origins, "http://"+listener.Addr().String())
		go server.Serve(listener)
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return report{}, err
	}
	where.Control = "http://" + control.Addr().String()
	go http.Serve(control, s.control())
	if err := json.NewEncoder(os.Stdout).Encode(where); err != nil {
		return report{}, err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return report{}, err
}

func sitePages(j job) map[string][]byte {
	web := fetchtest.Generate(fetchtest.Site{Pages: j.Pages, Links: j.Links, Size: j.Size, Seed: 1})
	pages := map[string][]byte{"/robots.txt": []byte("User-agent: *\nDisallow: /private/\nDisallow: /*?sort=\n")}
	for i := range j.Pages {
		uri := pageURI(i)
		page := httptest.NewRecorder()
		web.ServeHTTP(page, httptest.NewRequest(http.MethodGet, uri, nil))
		pages[uri] = page.Body.Bytes()
	}
	return pages
}

func pageURI(n int) string { return "/p/" + strconv.Itoa(n) }

func slowURI(n int) string { return "/slow/" + strconv.Itoa(n) }

func (s *site) connState(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.accepts.Add(1)
	}
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	body, ok := s.pages[r.URL.Path]
	if strings.HasPrefix(r.URL.Path, "/slow/") {
		s.slow.Done()
		<-s.released
		body, ok = []byte("<title>at last</title>"), true
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a contender that has left does not read it
}

// control answers about the site: what it has counted, and when all slow
// requests are in flight. Then it lets them go.
func (s *site) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/counts", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(counts{s.accepts.Load(), s.requests.Load()})
	})
	mux.HandleFunc("/gathered", func(http.ResponseWriter, *http.Request) { s.slow.Wait() })
	mux.HandleFunc("/release", func(http.ResponseWriter, *http.Request) { close(s.released) })
	return mux
}

// ask makes a request to a server's control.
func ask(ctx context.Context, url string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}
