// Package fetchtest is a fake web for tests: what it serves is a text that a
// person can read, and how it was asked is a log that a test can judge.
//
// A web is a txtar archive; each of its files is one resource, named by its
// request URI alone or with the host before it:
//
//	-- /robots.txt --
//	User-agent: *
//	Disallow: /private/
//	-- / --
//	<a href="/old">old</a> <a href="http://127.0.0.2:{{PORT}}/">next door</a>
//	-- /old --
//	HTTP 301
//	Location: /new?page=1
//	-- /new?page=1 --
//	HTTP 200
//	ETag: "1"
//	Delay: 200ms
//
//	<title>new</title>
//	-- 127.0.0.2/ --
//	<title>another host</title>
//
// A resource named with a host answers only there, whatever the port; one
// without a host answers everywhere. Anything else is a 404. The query is part
// of the name.
//
// Content that starts with a line "HTTP" or "HTTP status" has a head: header
// lines up to the first blank one, sent as they are (an empty Content-Type is
// left out), ETag and Last-Modified being honoured with 304. Some lines are
// not sent but done:
//
//	Delay: 200ms                  waits before it answers
//	Status-Sequence: 503,503,200  a status for each request, the last one for all that follow;
//	                              the body comes with those of 2xx
//	Encoding: gzip                a content coding: br, deflate, gzip, raw-deflate (as some
//	                              servers understand deflate: without zlib's frame) or zstd
//	Abort: true                   cuts the connection instead of answering;
//	                              a number cuts it after that many bytes of the body
//
// {{HOST}} and {{PORT}}, in header values and bodies, become those that the
// request named. The media type follows the name's extension; a name that ends
// in ".gz" is served as a gzip file of its text.
//
// A file named "GENERATE pages=2000 links=33 size=10KiB seed=1" adds a whole
// site: see Site.
package fetchtest

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Web serves the resources of one archive, on every host. It is safe for
// concurrent use; all it remembers is how far each Status-Sequence has come.
type Web struct {
	files map[string]*file // by "/path?query" or "host/path?query"
	site  *Site            // nil when there is no GENERATE
}

// Parse reads a web from a txtar archive. Its errors name the file and quote
// what is wrong with it.
func Parse(archive []byte) (*Web, error) {
	web := &Web{files: map[string]*file{}}
	for _, f := range txtar.Parse(archive).Files {
		if err := web.add(f.Name, string(f.Data)); err != nil {
			return nil, fmt.Errorf("fake web, file %q: %w", f.Name, err)
		}
	}
	return web, nil
}

func (web *Web) add(name, content string) error {
	if options, ok := strings.CutPrefix(name, "GENERATE"); ok {
		return web.addSite(options)
	}
	if !strings.Contains(name, "/") {
		return fmt.Errorf("no path in the name: want %q or %q", "/"+name, "host/"+name)
	}
	if web.files[name] != nil {
		return fmt.Errorf("named twice")
	}
	f, err := parseFile(name, content)
	if err != nil {
		return err
	}
	web.files[name] = f
	return nil
}

func (web *Web) addSite(options string) error {
	if web.site != nil {
		return fmt.Errorf("there is a generated site already")
	}
	site, err := parseSite(options)
	if err != nil {
		return err
	}
	web.site = Generate(site).site
	return nil
}

func (web *Web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, uri := hostname(r), requestURI(r)
	if f := web.files[host+uri]; f != nil {
		f.serve(w, r)
	} else if f := web.files[uri]; f != nil {
		f.serve(w, r)
	} else if body := web.site.page(uri); body != nil {
		w.Header().Set("Content-Type", mediaType(uri))
		_, _ = w.Write(body) // the reader may have gone: nothing to tell it then
	} else {
		http.NotFound(w, r)
	}
}

// hostname is the Host header without its port.
func hostname(r *http.Request) string {
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		return name
	}
	return r.Host
}

// requestURI is the path and query as the client wrote them: net/url would
// decode and clean what a test of URLs wants to see.
func requestURI(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI() // a proxy's absolute form
}
