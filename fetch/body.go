package fetch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Read reads the body as it comes.
func (x *exchange) Read(p []byte) (int, error) {
	if x.room <= 0 {
		return 0, errFull
	}
	n, err := x.body.Read(p[:min(int64(len(p)), x.room)])
	if n > 0 {
		x.watch.alive(time.Now(), true)
		x.got += int64(n)
		x.room -= int64(n)
	}
	switch err {
	case nil:
	case io.EOF:
		x.ended = true
	default:
		x.bodyErr = err
	}
	return n, err
}

// receive turns a response into a page. It leaves the body closed, at its end
// when little was left, so that the connection can be used again.
func (x *exchange) receive(resp *http.Response) (*Page, error) {
	defer resp.Body.Close()
	page := &Page{
		URL:       x.asked.URL,
		Status:    resp.StatusCode,
		Header:    resp.Header,
		MediaType: declaredType(resp.Header),
		FetchedAt: x.began,
		IP:        x.ip,
		Protocol:  resp.Proto,
	}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return nil, x.fail(&plainError{KindProtocol, "status 101: the server changes to a protocol nobody asked for", nil})
	case x.proxied && resp.StatusCode == http.StatusProxyAuthRequired:
		return nil, x.fail(&plainError{KindProxy, "the proxy wants a user and password", nil})
	}
	if resp.Body != http.NoBody && resp.ContentLength != 0 {
		if err := x.readInto(page, resp); err != nil {
			return nil, err
		}
	}
	page.Elapsed = time.Since(x.began)
	return page, nil
}

// readInto reads as much of the body as is wanted.
func (x *exchange) readInto(page *Page, resp *http.Response) error {
	x.body, x.room = resp.Body, drainable
	if page.MediaType != "" && x.budget(page.MediaType) == 0 {
		x.skip(page, resp.ContentLength)
		return nil
	}
	codings, err := x.client.decoders.codings(resp.Header)
	if err != nil {
		return x.fail(&plainError{KindDecode, err.Error(), err})
	}
	x.room = x.ceiling() + codedSlack
	in := io.Reader(x)
	var coded *decoding
	if len(codings) > 0 {
		coded, err = x.client.decoders.open(codings, x, x.room)
		defer coded.close()
		if err != nil {
			return x.broken(err, coded, resp.ContentLength)
		}
		in = coded
	}
	if err := x.fill(page, in, resp.ContentLength, coded != nil); err != nil {
		return x.broken(err, coded, resp.ContentLength)
	}
	if page.Body != nil && (resp.ContentLength >= 0 || !page.Truncated) {
		x.drain(resp.ContentLength)
	}
	return nil
}

// broken says why a body could not be read to its end; nothing is wrong with
// a coded body of no bytes at all, though no coding has such a form.
//
// A body cut short is an error, not a page: what came of it may be half a
// link, and it is worth another try.
func (x *exchange) broken(err error, coded *decoding, length int64) error {
	switch {
	case x.bodyErr == io.ErrUnexpectedEOF && length >= 0:
		return x.fail(&plainError{KindReset, fmt.Sprintf("the body ended after %d of %d bytes", x.got, length), err})
	case x.bodyErr == io.ErrUnexpectedEOF:
		return x.fail(&plainError{KindReset, fmt.Sprintf("the body was cut after %d bytes", x.got), err})
	case x.bodyErr != nil:
		return x.fail(x.bodyErr)
	case x.ended && x.got == 0:
		return nil
	}
	text := trim(err.Error())
	if errors.Is(err, io.ErrUnexpectedEOF) {
		text = "the data end too early"
	}
	return x.fail(&plainError{KindDecode, fmt.Sprintf("content coding %s: %s", coded.name(), text), err})
}

// fill reads the decoded body from in: its head to learn its type when the
// server names none, then the rest, up to the budget.
func (x *exchange) fill(page *Page, in io.Reader, length int64, coded bool) error {
	buf, own := x.client.buffer(length, x.ceiling(), coded)
	defer func() {
		if !own {
			x.client.shelve(buf)
		}
	}()
	var err error
	done := false
	if page.MediaType == "" {
		if buf, err = readUpTo(in, buf, sniffLen); err != nil && !atEnd(err) {
			return err
		}
		done = err != nil
		if len(buf) > 0 {
			page.MediaType = sniffType(buf)
		}
	}
	budget := x.budget(page.MediaType)
	if budget == 0 {
		x.skip(page, length)
		return nil
	}
	if !done {
		// One byte more than wanted tells a body that ends there from one that is cut.
		if buf, err = readUpTo(in, buf, budget+1); err != nil && !atEnd(err) {
			return err
		}
	}
	page.Truncated = int64(len(buf)) > budget || errors.Is(err, errFull)
	body := buf[:min(int64(len(buf)), budget)]
	if !own && cap(buf) > maxBuffer {
		own = true // too large to keep: the page may as well have it
	}
	if !own {
		body = append(make([]byte, 0, len(body)), body...)
	}
	page.Body, page.Length = body, int64(len(body))
	return nil
}

const (
	drainable  = 16 << 10 // bytes that cost less to read than a new connection
	codedSlack = 64 << 10 // by how much a coded body may be longer than the decoded limit
	maxBuffer  = 256 << 10
)

// skip leaves a body that is not wanted.
func (x *exchange) skip(page *Page, length int64) {
	page.Length = length
	if length >= 0 {
		x.drain(length)
	}
}

// drain reads the last bytes of a body when they are few; of a body that has
// no length, what is already there is usually just its end.
func (x *exchange) drain(length int64) {
	if x.ended || length-x.got > drainable {
		return
	}
	x.room = drainable
	buf, _ := x.client.buffer(-1, 0, true)
	buf, _ = readUpTo(x, buf, drainable+1) // however it ends: what is wanted of the body is had
	x.client.shelve(buf)
}

// atEnd tells whether err is a body's end, its own or the limit's.
func atEnd(err error) bool { return err == io.EOF || errors.Is(err, errFull) }

// budget is how many decoded bytes of a media type are wanted.
func (x *exchange) budget(mediaType string) int64 {
	want := x.client.opts.Want
	if x.asked.MaxBody > 0 || want == nil {
		return x.ceiling()
	}
	return max(0, min(want(mediaType), x.ceiling()))
}

// ceiling is how many decoded bytes are wanted of any media type.
func (x *exchange) ceiling() int64 {
	if x.asked.MaxBody > 0 {
		return x.asked.MaxBody
	}
	return x.client.opts.MaxBody
}

// readUpTo appends to buf what r gives until buf is limit bytes long.
func readUpTo(r io.Reader, buf []byte, limit int64) ([]byte, error) {
	for int64(len(buf)) < limit {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		end := min(int64(cap(buf)), limit)
		n, err := r.Read(buf[len(buf):end])
		buf = buf[:len(buf)+n]
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// exactBuffer is the largest body that gets a buffer of its promised length:
// a promise of more is believed as it comes.
const exactBuffer = 1 << 20

// buffer gives a buffer to read a body into, and whether the page may own it:
// one of the right length, or else a shared one to be copied from.
func (c *Client) buffer(length, ceiling int64, coded bool) (buf []byte, own bool) {
	if !coded && length >= 0 && length <= min(ceiling, exactBuffer) {
		return make([]byte, 0, length+1), true // one more to see the end in
	}
	if buf, ok := c.buffers.take(); ok {
		return buf, false
	}
	return make([]byte, 0, 32<<10), false
}

func (c *Client) shelve(buf []byte) {
	if cap(buf) <= maxBuffer {
		c.buffers.put(buf[:0])
	}
}
