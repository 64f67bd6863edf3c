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
		return 0, LimitCompressed
	}
	n, err := x.body.Read(p[:min(int64(len(p)), x.room)])
	if n > 0 {
		x.watch.alive(time.Now())
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

// receive turns a response into a page. It leaves the body at its end when
// little was left, so that the connection can be used again.
func (x *exchange) receive(resp *http.Response) (*Page, error) {
	x.watch.alive(time.Now())
	if err := x.refuse(resp); err != nil {
		return nil, x.fail(err)
	}
	x.page = &heldPage{Page: Page{
		URL:       x.asked.URL,
		Status:    resp.StatusCode,
		Header:    resp.Header,
		MediaType: declaredType(resp.Header),
		FetchedAt: x.began,
		IP:        x.ip,
		Protocol:  resp.Proto,
	}, held: heldBody{client: x.client}}
	page := &x.page.Page
	page.body = &x.page.held
	// A body that breaks takes nothing back of what the header said.
	page.CookiesRefused = x.client.opts.Jar.keep(x.asked.URL, resp.Header)
	if resp.Body != http.NoBody && resp.ContentLength != 0 {
		if err := x.readInto(page, resp); err != nil {
			page.Release()
			if page.Status/100 == 2 || x.parent.Err() != nil {
				return nil, err
			}
			// What else a response has to say is in its header: where a redirect
			// leads, how long a busy server is to be left alone, that there is no
			// robots.txt.
			page.Length = -1
		}
	}
	if page.Body == nil {
		page.Release()
	}
	page.Elapsed = time.Since(x.began) - x.waited
	return page, nil
}

// refuse says why a response is no page, by its header.
func (x *exchange) refuse(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return &plainError{KindProtocol, "status 101: the server changes to a protocol nobody asked for", nil}
	case x.relayed && resp.StatusCode == http.StatusProxyAuthRequired:
		return &plainError{KindProxy, "the proxy wants a user and password", nil}
	}
	return x.client.opts.Limits.checkHeader(resp.Header)
}

// readInto reads as much of the body as is wanted.
func (x *exchange) readInto(page *Page, resp *http.Response) error {
	x.body, x.room = resp.Body, drainable
	codings, err := x.client.decoders.codings(resp.Header)
	x.coded = err != nil || len(codings) > 0
	if page.MediaType != "" && x.wanted(page.MediaType) == 0 {
		x.skip(page, resp.ContentLength)
		return nil
	}
	if err != nil {
		return x.fail(&plainError{KindDecode, err.Error(), err})
	}
	x.room = x.ceiling() + codedSlack
	in, expect := io.Reader(x), resp.ContentLength
	var coded *decoding
	if len(codings) > 0 {
		x.room = x.codedCeiling()
		coded, err = x.client.decoders.open(codings, sips{x}, x.room)
		defer coded.close()
		if err != nil {
			return x.broken(err, coded, resp.ContentLength)
		}
		in, expect = &measured{r: coded, raw: x, most: int64(x.client.opts.Limits.Ratio)}, textRatio*expect
	}
	if err := x.fill(page, in, expect, resp.ContentLength); err != nil {
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
	case x.ctx.Err() != nil:
		return x.fail(err)
	case x.ended && x.got == 0:
		return nil
	}
	text := trim(err.Error())
	if errors.Is(err, io.ErrUnexpectedEOF) {
		text = "the data end too early"
	}
	return x.fail(&plainError{KindDecode, fmt.Sprintf("content coding %s: %s", coded.name(), text), err})
}

// fill reads the decoded body from in, of which about expect bytes are to
// come: its head to learn its type when the server names none, then the rest,
// as far as it is wanted.
func (x *exchange) fill(page *Page, in io.Reader, expect, length int64) error {
	held := &x.page.held
	end := error(nil)
	if page.MediaType == "" {
		if end = x.readUpTo(in, sniffLen, expect); end != nil && !atEnd(end) {
			return end
		}
		if len(held.buf) > 0 {
			page.MediaType = sniffType(held.buf)
		}
	}
	wanted := x.wanted(page.MediaType)
	if wanted == 0 {
		x.skip(page, length)
		if end == io.EOF {
			page.Length = int64(len(held.buf))
		}
		return nil
	}
	if end == nil {
		// One byte more than wanted tells a body that ends there from one that is cut.
		if end = x.readUpTo(in, wanted+1, expect); end != nil && !atEnd(end) {
			return end
		}
	}
	if int64(len(held.buf)) > wanted {
		end = LimitBody
	}
	if limit, ok := errors.AsType[Limit](end); ok {
		page.Truncated, page.Limit = true, limit
	}
	page.Length = min(int64(len(held.buf)), wanted)
	page.Body = held.buf[:page.Length:page.Length]
	return nil
}

const (
	drainable  = 16 << 10 // bytes that cost less to read than a new connection
	codedSlack = 64 << 10 // by how much a coded body may be longer than the decoded limit
	textRatio  = 4        // decoded bytes that a coded one of text makes, about
)

// skip leaves a body that is not wanted. How long a coded one would be without
// its coding nobody knows.
func (x *exchange) skip(page *Page, length int64) {
	page.Length = length
	if x.coded {
		page.Length = -1
	}
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
	buf := x.client.buffers.take(drainable)
	defer x.client.buffers.put(buf)
	for err := error(nil); err == nil; { // however it ends: what is wanted of the body is had
		_, err = x.Read(buf[:cap(buf)])
	}
}

// atEnd tells whether err is a body's end, its own or a limit's.
func atEnd(err error) bool {
	_, cut := errors.AsType[Limit](err)
	return cut || err == io.EOF
}

// wanted is how many decoded bytes of a media type are wanted.
func (x *exchange) wanted(mediaType string) int64 {
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

// codedCeiling is how many bytes of a coded body are read.
func (x *exchange) codedCeiling() int64 {
	if most := x.client.opts.Limits.Compressed; most > 0 {
		return most
	}
	return x.ceiling() + codedSlack
}

const (
	firstBuffer = 16 << 10 // for a body that promises nothing
	mostPromise = 1 << 20  // a promise of more is believed as it comes
)

// readUpTo appends to the body what r gives until it is limit bytes long. Of
// the bytes to come expect is a guess, that of a server perhaps; -1 is none.
func (x *exchange) readUpTo(r io.Reader, limit, expect int64) error {
	held := &x.page.held
	for int64(len(held.buf)) < limit {
		if len(held.buf) == cap(held.buf) {
			if err := x.grow(x.nextSize(limit, expect)); err != nil {
				return err
			}
		}
		end := min(int64(cap(held.buf)), limit)
		n, err := r.Read(held.buf[len(held.buf):end])
		held.buf = held.buf[:len(held.buf)+n]
		if err != nil {
			return err
		}
	}
	return nil
}

// nextSize is how large a buffer is to be that is full, or the first one.
func (x *exchange) nextSize(limit, expect int64) int {
	full := int64(cap(x.page.held.buf))
	switch {
	case full >= 1<<largestBuffer: // what it leaves is garbage: few steps make less of it
		return int(min(4*full, limit))
	case full > 0:
		return int(min(2*full, limit))
	case expect < 0:
		return firstBuffer
	}
	return int(min(expect, mostPromise, x.ceiling())) + 1 // one more to see the end in
}
