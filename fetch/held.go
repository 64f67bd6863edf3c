package fetch

import (
	"sync/atomic"
	"time"
)

// A heldPage is a page and what its Release gives back, in one allocation.
type heldPage struct {
	Page
	held heldBody
}

// A heldBody is the buffer of a body, and its bytes of the budget.
type heldBody struct {
	client   *Client
	hold     hold
	buf      []byte
	released atomic.Bool
}

func (h *heldBody) release() {
	if h.released.Swap(true) {
		return
	}
	h.client.buffers.put(h.buf)
	h.buf = nil
	h.client.budget.give(&h.hold)
}

// grow gives the body a larger buffer, with what is in it: at least one that
// holds n bytes. It waits for the bytes to be free, which is not the server's
// fault: its clock stands still meanwhile.
func (x *exchange) grow(n int) error {
	h := &x.page.held
	larger := h.client.buffers.take(n)
	if err := h.client.budget.take(x.ctx, &h.hold, int64(cap(larger)-cap(h.buf)), x.waits); err != nil {
		h.client.buffers.put(larger)
		return err
	}
	larger = append(larger, h.buf...)
	h.client.buffers.put(h.buf)
	h.buf = larger
	return nil
}

// waits stops the server's clock, or lets it go on.
func (x *exchange) waits(wait bool) {
	now := time.Now()
	if wait {
		x.watch.pause(now)
		x.waited -= now.Sub(x.began)
	} else {
		x.watch.resume(now)
		x.waited += now.Sub(x.began)
	}
}
