package gate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Kept is an answer about a robots.txt as it came, to be stored and recalled.
// It marshals to a few bytes more than its body.
type Kept struct {
	URL       weburl.URL // what answered, after redirects: relative sitemaps are its neighbours
	Status    int
	FetchedAt time.Time // to the second
	Body      []byte    // as much as robots.Parse wants, a byte more than robots.MaxSize; nil unless the status is 2xx
}

// kept is the answer from at in a page, which may be released afterwards.
func kept(at weburl.URL, page *fetch.Page) Kept {
	k := Kept{URL: at, Status: page.Status, FetchedAt: time.Now()}
	if page.Status/100 == 2 {
		k.Body = slices.Clone(page.Body[:min(len(page.Body), robots.MaxSize+1)])
	}
	return k
}

// Sum is a hash of the file, by which a later copy can be told from it.
func (k *Kept) Sum() string { return fmt.Sprintf("%016x", xxh3.Hash(k.Body)) }

// File is what the answer means, unless it is one that fails (RFC 9309 §2.3.1).
func (k *Kept) File() *robots.File {
	if k.Status/100 == 2 {
		return robots.Parse(k.Body)
	}
	return robots.AllowAll()
}

// keptFormat is the first byte of a marshaled Kept. After it come the status
// and the time as varints, the length of the URL, the URL and the body.
const keptFormat = 1

// MarshalBinary never fails.
func (k Kept) MarshalBinary() ([]byte, error) {
	u := k.URL.String()
	b := make([]byte, 0, 1+3*binary.MaxVarintLen64+len(u)+len(k.Body))
	b = append(b, keptFormat)
	b = binary.AppendUvarint(b, uint64(k.Status))
	b = binary.AppendVarint(b, k.FetchedAt.Unix())
	b = binary.AppendUvarint(b, uint64(len(u)))
	return append(append(b, u...), k.Body...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote. It keeps nothing of data.
func (k *Kept) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != keptFormat {
		return fmt.Errorf("a kept robots.txt that begins %.8q: want format %d", data, keptFormat)
	}
	r := bytes.NewReader(data[1:])
	status, err1 := binary.ReadUvarint(r)
	unix, err2 := binary.ReadVarint(r)
	length, err3 := binary.ReadUvarint(r)
	if err := errors.Join(err1, err2, err3); err != nil {
		return fmt.Errorf("a kept robots.txt of %d bytes: %w", len(data), err)
	}
	rest := data[len(data)-r.Len():]
	if status > 999 || length > uint64(len(rest)) || len(rest)-int(length) > robots.MaxSize+1 {
		return fmt.Errorf("a kept robots.txt of %d bytes: status %d and a URL of %d bytes", len(data), status, length)
	}
	u, err := weburl.Parse(string(rest[:length]))
	if err != nil {
		return fmt.Errorf("a kept robots.txt: %w", err)
	}
	*k = Kept{URL: u, Status: int(status), FetchedAt: time.Unix(unix, 0)}
	if body := rest[length:]; len(body) > 0 {
		k.Body = slices.Clone(body)
	}
	return nil
}
