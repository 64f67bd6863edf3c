package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A doc is a page that people wrote, not a generator.
type doc struct {
	url  weburl.URL
	body []byte
}

// maxDocs is how many bytes of pages are read.
const maxDocs = 24 << 20

// documentation reads the pages below a directory: the one that was named, or
// Python's documentation if it is installed (python3-doc), or Go's, which is.
func documentation(named string) ([]doc, error) {
	dirs := []string{named}
	if named == "" {
		dirs, _ = filepath.Glob("/usr/share/doc/python3*/html") // the pattern is a good one
		dirs = append(dirs, filepath.Join(runtime.GOROOT(), "doc"))
	}
	for _, dir := range dirs {
		docs, err := readDocs(dir)
		if err != nil || len(docs) > 0 {
			return docs, err
		}
	}
	return nil, fmt.Errorf("no HTML pages below %q: name a directory that has some with -docs", dirs)
}

func readDocs(dir string) (docs []doc, err error) {
	// Debian's directories are links to one another.
	if dir, err = filepath.EvalSymlinks(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	size := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") || size > maxDocs {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		u, err := weburl.Parse("https://docs.example.org/3/" + filepath.ToSlash(name))
		docs, size = append(docs, doc{u, body}), size+len(body)
		return err
	})
	return docs, err
}

// tokenize finds, with x/net/html's tokenizer, the references that trawl's
// scanner follows.
func tokenize(body []byte, found func(ref []byte)) {
	z := html.NewTokenizer(bytes.NewReader(body))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		if tt != html.StartTagToken && tt != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		switch string(name) {
		case "a", "area":
			if ref, ok := attribute(z, more, "href"); ok {
				found(ref)
			}
		case "iframe", "frame":
			if ref, ok := attribute(z, more, "src"); ok {
				found(ref)
			}
		case "link":
			if ref, ok := linked(z, more); ok {
				found(ref)
			}
		}
	}
}

// attribute is the first one of a name.
func attribute(z *html.Tokenizer, more bool, wanted string) (value []byte, ok bool) {
	for more {
		var key, val []byte
		if key, val, more = z.TagAttr(); !ok && string(key) == wanted {
			value, ok = val, true
		}
	}
	return value, ok
}

// linked is a link element's reference, if it leads to a page.
func linked(z *html.Tokenizer, more bool) (ref []byte, ok bool) {
	for more {
		var key, val []byte
		switch key, val, more = z.TagAttr(); string(key) {
		case "href":
			ref = val
		case "rel":
			ok = slices.Contains([]string{"next", "prev", "canonical", "alternate"}, string(val))
		}
	}
	return ref, ok && ref != nil
}
