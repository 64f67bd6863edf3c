package sitemap

import (
	"bytes"
	"fmt"
	"io"
)

type kind int

const (
	unknown kind = iota
	xmlText
	urlList
)

// sniff says how a text is to be read, by its start.
func sniff(head []byte) kind {
	head = bytes.TrimSpace(head)
	switch {
	case bytes.HasPrefix(head, []byte("<")):
		return xmlText
	case isWebURL(head):
		return urlList
	}
	return unknown
}

func isWebURL(b []byte) bool {
	return hasPrefixFold(b, "http://") || hasPrefixFold(b, "https://")
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && bytes.EqualFold(b[:len(prefix)], []byte(prefix))
}

func looksHTML(head []byte) bool {
	lower := bytes.ToLower(head)
	return bytes.Contains(lower, []byte("<!doctype html")) || bytes.Contains(lower, []byte("<html"))
}

// notSitemap says what head is instead, or why there is none.
func notSitemap(head []byte, readErr error) error {
	const most = 40 // bytes to quote: enough to recognise an error message or a binary format
	head = bytes.TrimSpace(head)
	switch {
	case readErr != nil && readErr != io.EOF:
		return fmt.Errorf("sitemap: at its start: %w", readErr)
	case len(head) == 0:
		return fmt.Errorf("%w: it is empty", ErrNotSitemap)
	}
	return fmt.Errorf("%w: it begins with %q; expected XML or a list of URLs", ErrNotSitemap, head[:min(len(head), most)])
}
