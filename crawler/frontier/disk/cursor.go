package disk

import (
	"fmt"
	"sort"

	"github.com/cockroachdb/pebble/v2"
)

// cursor goes through a space whose keys are numbers.
//
// A lenient one goes on behind what it cannot read, and says what that was.
type cursor struct {
	space byte
	it    *pebble.Iterator
	lost  *[]string // nil: the first error is the end
	at    uint64    // the number it is at
	begun bool
}

func (s *Store) cursor(space byte) (*cursor, error) {
	it, err := s.space(space)
	if err != nil {
		return nil, err
	}
	return &cursor{space: space, it: it, lost: s.lost}, nil
}

// next moves to the next key and tells whether there is one.
func (c *cursor) next() (bool, error) {
	ok := false
	if c.begun {
		ok = c.it.Next()
	} else {
		ok, c.begun = c.it.First(), true
	}
	for {
		if err := c.it.Error(); err != nil {
			if c.lost == nil {
				return false, err
			}
			ok = c.skip(err)
			continue
		}
		if !ok {
			return false, nil
		}
		n, err := number(c.it.Key())
		if err == nil {
			c.at = n
			return true, nil
		}
		if c.lost == nil {
			return false, err
		}
		c.note(err)
		ok = c.it.Next()
	}
}

// skip finds the first number beyond the current one from which the space can
// be read again. A damaged block spoils a run of keys, so it looks ever
// further for a good one and then for the run's end in between.
func (c *cursor) skip(err error) bool {
	good := func(n uint64) bool {
		c.it.SeekGE(numbered(nil, c.space, n))
		return c.it.Error() == nil
	}
	width := 1
	for !good(c.at + uint64(width)) {
		if width *= 2; width > 1<<40 {
			c.note(fmt.Errorf("everything beyond number %d: %w", c.at, err))
			return c.it.SeekGE([]byte{c.space + 1}) // nothing is there, and nothing in error
		}
	}
	least := width/2 + 1 // all before it are bad
	step := uint64(least + sort.Search(width-least, func(i int) bool { return good(c.at + uint64(least+i)) }))
	c.note(fmt.Errorf("numbers %d to %d at most: %w", c.at+1, c.at+step-1, err))
	c.at += step - 1
	return c.it.SeekGE(numbered(nil, c.space, c.at+1))
}

func (c *cursor) note(err error) {
	*c.lost = append(*c.lost, fmt.Sprintf("%s: %v", spaceName(c.space), plain(err)))
}

// along moves to number n and returns its value, or nil if there is none. The
// calls are in the order of n.
func (c *cursor) along(n uint64) ([]byte, error) {
	for !c.begun || c.at < n && c.it.Valid() {
		if ok, err := c.next(); err != nil || !ok {
			return nil, err
		}
	}
	if !c.it.Valid() || c.at != n {
		return nil, nil
	}
	return c.it.ValueAndErr()
}

func (c *cursor) close(err error) error {
	end := c.it.Close()
	if c.lost != nil {
		end = nil // noted
	}
	if err == nil {
		err = end
	}
	return err
}
