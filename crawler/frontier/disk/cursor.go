package disk

import (
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/cockroachdb/pebble/v2"
)

// cursor goes through a space whose keys are numbers, in their order.
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
	ok := c.step()
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
		ok = c.step()
	}
}

// step moves to the next key: that of jobs is the one before.
func (c *cursor) step() bool {
	begun := c.begun
	c.begun = true
	switch {
	case begun && c.space == spaceJobs:
		return c.it.Prev()
	case begun:
		return c.it.Next()
	case c.space == spaceJobs:
		return c.it.Last()
	}
	return c.it.First()
}

// seek moves to the first number that is not below n, which is not 0.
func (c *cursor) seek(n uint64) bool {
	if c.space == spaceJobs {
		return c.it.SeekLT(numbered(nil, c.space, n-1))
	}
	return c.it.SeekGE(numbered(nil, c.space, n))
}

// skip finds the first number beyond the current one from which the space can
// be read again. A damaged block spoils a run of keys, so it looks ever
// further for a good one and then for the run's end in between.
func (c *cursor) skip(err error) bool {
	good := func(n uint64) bool {
		c.seek(n)
		return c.it.Error() == nil
	}
	width := 1
	for !good(c.at + uint64(width)) {
		if width *= 2; width > furthest {
			c.note(fmt.Errorf("everything beyond number %d: %w", c.at, err))
			return c.seek(math.MaxUint64) // nothing is there, and nothing in error
		}
	}
	least := width/2 + 1 // all before it are bad
	step := uint64(least + sort.Search(width-least, func(i int) bool { return good(c.at + uint64(least+i)) }))
	c.note(fmt.Errorf("numbers %d to %d at most: %w", c.at+1, c.at+step-1, err))
	c.at += step - 1
	return c.seek(c.at + 1)
}

// furthest is how many numbers ahead skip looks, within an int.
const furthest = 1 << min(40, strconv.IntSize-2)

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
