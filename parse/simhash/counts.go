package simhash

import "encoding/binary"

// counts tell of each of 64 bits in how many of the numbers added it was set.
// A number is added to 64 counters of a few bits at once that stand upright in
// as many words (planes), which costs two operations a bit. Before they overflow
// they go to counters of eight bits (lanes), and those to numbers.
type counts struct {
	planes [6]uint64
	lanes  [8]uint64 // byte j of lane i is bit 8j+i
	all    [64]int32
	n      int32 // numbers added
}

const (
	planesHold = 63             // 2^6 - 1
	lanesHold  = 4 * planesHold // at most 255
)

// add adds a number for each eight bytes that text begins with and for what is
// left of size behind them. The number depends on all of these bytes.
func (c *counts) add(text []byte, size int) {
	const mixer = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	p0, p1, p2, p3, p4, p5 := c.planes[0], c.planes[1], c.planes[2], c.planes[3], c.planes[4], c.planes[5]
	for i := 0; i < size; i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		if rest := size - i; rest < 8 {
			x &= 1<<(8*rest) - 1
		}
		x *= mixer
		x = (x ^ x>>32) * mixer
		x ^= x >> 29
		p0, x = p0^x, p0&x
		p1, x = p1^x, p1&x
		p2, x = p2^x, p2&x
		p3, x = p3^x, p3&x
		p4, x = p4^x, p4&x
		p5 ^= x
		if c.n++; c.n%planesHold == 0 {
			c.planes = [6]uint64{p0, p1, p2, p3, p4, p5}
			c.flush()
			p0, p1, p2, p3, p4, p5 = 0, 0, 0, 0, 0, 0
		}
	}
	c.planes = [6]uint64{p0, p1, p2, p3, p4, p5}
}

func (c *counts) flush() {
	for i := range c.lanes {
		for j, p := range c.planes {
			c.lanes[i] += p >> i & ones << j
		}
	}
	c.planes = [6]uint64{}
	if c.n%lanesHold == 0 {
		c.flushLanes()
	}
}

func (c *counts) flushLanes() {
	for i, lane := range c.lanes {
		for j := range 8 {
			c.all[8*j+i] += int32(lane >> (8 * j) & 0xff)
		}
	}
	c.lanes = [8]uint64{}
}

// sum has the bits set that most of the numbers had.
func (c *counts) sum() (sum uint64) {
	c.flush()
	c.flushLanes()
	for bit, set := range c.all {
		if 2*set > c.n {
			sum |= 1 << bit
		}
	}
	return sum
}
