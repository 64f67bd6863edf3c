package fetch

import (
	"math/bits"
	"sync"
)

// Buffers have sizes that are powers of two, from smallest to largest. Larger
// ones are made when they are needed and left to the garbage collector.
const (
	smallestBuffer = 10             // 1 KiB
	largestBuffer  = 22             // 4 MiB
	maxSpare       = int64(8 << 20) // bytes of buffers that nobody uses
)

// buffers are a client's body buffers that nobody uses. A sync.Pool would
// forget them at each garbage collection, which a crawl has many a second of.
type buffers struct {
	mu    sync.Mutex
	spare [largestBuffer - smallestBuffer + 1][][]byte // by size
	bytes int64
}

// take gives an empty buffer that has room for n bytes at the least.
func (b *buffers) take(n int) []byte {
	class := max(bits.Len(uint(max(n, 1)-1)), smallestBuffer)
	if class > largestBuffer {
		return make([]byte, 0, n)
	}
	if buf := b.spareOf(class - smallestBuffer); buf != nil {
		return buf
	}
	return make([]byte, 0, 1<<class)
}

func (b *buffers) spareOf(class int) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := len(b.spare[class]) - 1
	if last < 0 {
		return nil
	}
	buf := b.spare[class][last]
	b.spare[class][last] = nil
	b.spare[class] = b.spare[class][:last]
	b.bytes -= int64(cap(buf))
	return buf
}

// put takes back a buffer that take gave.
func (b *buffers) put(buf []byte) {
	class := bits.Len(uint(cap(buf))) - 1
	if class < smallestBuffer || class > largestBuffer || cap(buf) != 1<<class {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bytes += int64(cap(buf)); b.bytes > maxSpare {
		b.bytes -= int64(cap(buf))
		return
	}
	of := &b.spare[class-smallestBuffer]
	*of = append(*of, buf[:0])
}
