package disk

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// A chunk is a value that has several: for each, a number beyond the chunk's
// own, a length, and the bytes. Every key costs Pebble about a microsecond on
// its way down the levels, whatever its size, and a page has three new links.
const maxChunk = 4 << 10 // bytes; the last value may go beyond it

// packer writes a batch's values into chunks, in the order of their numbers.
type packer struct {
	batch *pebble.Batch
	space byte
	first uint64 // the chunk's number: that of the first value in it
	value []byte
}

// full tells whether the next value begins a chunk.
func (p *packer) full() bool { return len(p.value) == 0 || len(p.value) >= maxChunk }

func (p *packer) add(n uint64, value []byte) error {
	if p.full() {
		if err := p.flush(); err != nil {
			return err
		}
		p.first = n
	}
	p.value = binary.AppendUvarint(p.value, n-p.first)
	p.value = binary.AppendUvarint(p.value, uint64(len(value)))
	p.value = append(p.value, value...)
	return nil
}

func (p *packer) flush() error {
	if len(p.value) == 0 {
		return nil
	}
	err := p.batch.Set(numbered(nil, p.space, p.first), p.value, nil)
	p.value = p.value[:0]
	return err
}

// chunk is what is left of one to read.
type chunk struct {
	first uint64
	rest  []byte
}

func (c *chunk) next() (n uint64, value []byte, _ error) {
	back, w := binary.Uvarint(c.rest)
	if w > 0 {
		size, v := binary.Uvarint(c.rest[w:])
		if v > 0 && size <= uint64(len(c.rest)-w-v) {
			end := w + v + int(size)
			value, c.rest = c.rest[w+v:end], c.rest[end:]
			return c.first + back, value, nil
		}
	}
	return 0, nil, fmt.Errorf("%w: chunk %d is cut", ErrCorrupt, c.first)
}

// unpack returns value n of a chunk.
func unpack(packed []byte, first, n uint64) ([]byte, error) {
	c := chunk{first: first, rest: packed}
	for len(c.rest) > 0 {
		at, value, err := c.next()
		if err != nil || at == n {
			return value, err
		}
	}
	return nil, fmt.Errorf("%w: job %d is not in chunk %d", ErrCorrupt, n, first)
}
