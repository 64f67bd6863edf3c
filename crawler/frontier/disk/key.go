package disk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// The first byte of a key says what it is of.
const (
	spaceMeta    = 'm' // + name: a setting, in its owner's own form
	spaceOwn     = 'o' // + name: what the store keeps for itself
	spacePending = 'p' // + host, 0, depth, sequence number: a job
	spaceSeed    = 's' // + number: the text of a seed
	spaceRow     = 'u' // + host, 0, scheme, path and query: what became of a URL
)

// Keys that there is one of.
const (
	keyMark = "omark"
	keySeq  = "oseq"
)

// A row's key has the URL's text itself, which sorts a site's pages beside
// each other where they compress best, up to this length; one that is longer
// goes on in the value, and its fingerprint keeps the key unique.
const maxKeyText = 1024

const scheme, secure = 'h', 's' // http, https

func pendingKey(dst []byte, host string, k frontier.Key) []byte {
	dst = hostKey(dst, spacePending, host)
	dst = binary.BigEndian.AppendUint32(dst, k.Depth)
	return binary.BigEndian.AppendUint64(dst, k.Seq)
}

// rowKey returns the row's key and how much of the URL did not fit into it.
func rowKey(dst []byte, u weburl.URL) (key []byte, rest string) {
	dst = hostKey(dst, spaceRow, u.Host())
	dst = append(dst, schemeOf(u))
	uri := u.RequestURI()
	if len(uri) <= maxKeyText {
		return append(dst, uri...), ""
	}
	dst = append(dst, uri[:maxKeyText]...)
	return binary.BigEndian.AppendUint64(append(dst, 0), u.Fingerprint()), uri[maxKeyText:]
}

// hostKey is the beginning of all keys of a host in a space.
func hostKey(dst []byte, space byte, host string) []byte {
	dst = append(dst, space)
	dst = append(dst, host...)
	return append(dst, 0)
}

func seedKey(n int) []byte { return binary.BigEndian.AppendUint32([]byte{spaceSeed}, uint32(n)) }

func schemeOf(u weburl.URL) byte {
	if strings.HasPrefix(u.String(), "https:") {
		return secure
	}
	return scheme
}

// splitKey separates the host from what follows it in a key of pending or row.
func splitKey(key []byte) (host, rest []byte, err error) {
	if len(key) > 0 {
		if host, rest, ok := bytes.Cut(key[1:], []byte{0}); ok {
			return host, rest, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: key %q has no host", ErrCorrupt, key)
}

func parsePending(rest []byte) (frontier.Key, error) {
	if len(rest) != 12 {
		return frontier.Key{}, fmt.Errorf("%w: a pending key ends in %d bytes, want 12", ErrCorrupt, len(rest))
	}
	return frontier.Key{Depth: binary.BigEndian.Uint32(rest), Seq: binary.BigEndian.Uint64(rest[4:])}, nil
}

// appendURL puts a URL's text together. The scheme is as in a row's key.
func appendURL(dst []byte, secured byte, host, uri, more []byte) []byte {
	dst = append(dst, "http"...)
	if secured == secure {
		dst = append(dst, 's')
	}
	dst = append(append(dst, "://"...), host...)
	return append(append(dst, uri...), more...)
}

// rowURI returns the part of the URL's path and query that a row's key holds,
// and whether it is all of it.
func rowURI(rest []byte) (secured byte, uri []byte, whole bool, err error) {
	if len(rest) < 2 || (rest[0] != scheme && rest[0] != secure) {
		return 0, nil, false, fmt.Errorf("%w: a row's key ends in %q", ErrCorrupt, rest)
	}
	uri = rest[1:]
	if len(uri) <= maxKeyText {
		return rest[0], uri, true, nil
	}
	return rest[0], uri[:maxKeyText], false, nil
}
