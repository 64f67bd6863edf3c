package zoo

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A h2conn is a connection on which HTTP/2 was agreed, and on which a case
// writes frames of its own.
type h2conn struct {
	*conn
	framer *http2.Framer
	head   bytes.Buffer
	encode *hpack.Encoder
}

// http2Server has f answer requests for the case's pages, by their stream.
// All other requests get a 404. Settings are those of the server.
func http2Server(f func(c *h2conn, stream uint32), settings ...http2.Setting) server {
	return accept("https", func(c *conn) {
		config := c.site.zoo.authority.good()
		config.NextProtos = []string{"h2"}
		if !c.secure(config) {
			return
		}
		h := &h2conn{conn: c, framer: http2.NewFramer(c.Conn, c.in)}
		h.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
		h.encode = hpack.NewEncoder(&h.head)
		preface := make([]byte, len(http2.ClientPreface))
		if _, err := io.ReadFull(c.in, preface); err != nil || h.framer.WriteSettings(settings...) != nil {
			return
		}
		h.run(f)
	})
}

// run reads frames until the client leaves or a case ends the connection.
func (h *h2conn) run(f func(c *h2conn, stream uint32)) {
	for h.in != nil {
		frame, err := h.framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = h.framer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !frame.IsAck() {
				_ = h.framer.WritePing(true, frame.Data)
			}
		case *http2.MetaHeadersFrame:
			h.request(frame, f)
		}
	}
}

func (h *h2conn) request(frame *http2.MetaHeadersFrame, f func(c *h2conn, stream uint32)) {
	path := frame.PseudoValue("path")
	if !strings.HasPrefix(path, h.site.dir()) {
		h.headers(frame.StreamID, true, ":status", "404")
		return
	}
	h.site.hit(strings.TrimPrefix(path, h.site.dir()))
	f(h, frame.StreamID)
}

// headers sends a header of pairs, which ends the stream or does not.
func (h *h2conn) headers(stream uint32, end bool, pairs ...string) {
	_ = h.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: h.block(pairs...), EndStream: end, EndHeaders: true,
	})
}

func (h *h2conn) block(pairs ...string) []byte {
	h.head.Reset()
	for i := 0; i < len(pairs); i += 2 {
		_ = h.encode.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return h.head.Bytes()
}

// page answers with a whole page.
func (h *h2conn) page(stream uint32, body string) {
	h.headers(stream, false, ":status", "200", "content-type", htmlType)
	_ = h.framer.WriteData(stream, true, []byte(body))
}

// flooded is how many frames a flood has before it goes on at the zoo's pace:
// who bears them bears more, and the machine has other cases to serve.
const flooded = 5000

// pour writes frames for ever. What the client says to them is read, so that
// it is not the client's writing that stalls.
func (h *h2conn) pour(write func() error) {
	in := h.in
	h.site.zoo.work.Go(func() { _, _ = io.Copy(io.Discard, in) })
	for n := 0; write() == nil; n++ {
		if n >= flooded && !h.pause() {
			break
		}
	}
	h.end()
}

// h2 are servers whose HTTP/2 is wrong.
func h2() []Case {
	const few = 6 // requests: a client may try again, but not for ever
	resetBy := func(code http2.ErrCode) server {
		return http2Server(func(c *h2conn, stream uint32) { _ = c.framer.WriteRSTStream(stream, code) })
	}
	return []Case{
		{Name: "h2-good", Does: "fetches over HTTP/2", Want: []Want{fetched("", "h2")},
			up: http2Server(func(c *h2conn, stream uint32) { c.page(stream, document("h2")) })},
		{Name: "h2-reset", Does: "records a failure when the stream is reset with INTERNAL_ERROR",
			Want: failed("reset"), MaxFetches: few, up: resetBy(http2.ErrCodeInternal)},
		{Name: "h2-reset-protocol", Does: "asks no server again and again that resets with PROTOCOL_ERROR",
			Want: failed("reset", "protocol"), MaxFetches: few, up: resetBy(http2.ErrCodeProtocol)},
		{Name: "h2-refused", Does: "asks no server again and again that refuses the stream",
			Want: failed("reset", "timeout"), MaxFetches: few, up: resetBy(http2.ErrCodeRefusedStream)},
		{Name: "h2-http-1.1-required", Does: "records a failure, or asks again over HTTP/1.1",
			Want: failed("reset", "protocol"), MaxFetches: few, up: resetBy(http2.ErrCodeHTTP11Required)},
		{Name: "h2-reset-body", Does: "does not take half a body for a page when the stream is reset in it",
			Want: failed("reset"), MaxFetches: few, up: http2Server(func(c *h2conn, stream uint32) {
				c.headers(stream, false, ":status", "200", "content-type", htmlType)
				_ = c.framer.WriteData(stream, false, []byte("<title>half"))
				_ = c.framer.WriteRSTStream(stream, http2.ErrCodeInternal)
			})},
		{Name: "h2-goaway", Does: "asks no server again and again that sends each connection away",
			Want: failed("reset"), MaxFetches: 3 * few, up: http2Server(func(c *h2conn, _ uint32) {
				_ = c.framer.WriteGoAway(0, http2.ErrCodeNo, nil)
				c.hold()
			})},
		{Name: "h2-goaway-body", Does: "records a failure when the connection goes away in a body",
			Want: failed("reset"), MaxFetches: few, up: http2Server(func(c *h2conn, stream uint32) {
				c.headers(stream, false, ":status", "200", "content-type", htmlType)
				_ = c.framer.WriteData(stream, false, []byte("<title>half"))
				_ = c.framer.WriteGoAway(stream, http2.ErrCodeEnhanceYourCalm, nil)
				c.end()
			})},
		{Name: "h2-window-shut", Does: "needs no window for a request without a body",
			Want: []Want{fetched("", "h2")}, up: http2Server(func(c *h2conn, stream uint32) { c.page(stream, document("h2")) },
				http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})},
		{Name: "h2-no-streams", Does: "gives up on a server that lets no stream be opened",
			Want: failed("timeout"), up: http2Server(func(*h2conn, uint32) {},
				http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0})},
		{Name: "h2-stalls", Does: "gives up on a stream without an answer",
			Want: failed("timeout"), up: http2Server(func(*h2conn, uint32) {})},
		{Name: "h2-stalls-body", Does: "gives up on a body that stops within a stream",
			Want: failed("timeout"), up: http2Server(func(c *h2conn, stream uint32) {
				c.headers(stream, false, ":status", "200", "content-type", htmlType)
			})},
		{Name: "h2-length-lie", Does: "takes a body shorter than its length for a failure",
			Want: failed("reset", "protocol"), MaxFetches: few, up: http2Server(func(c *h2conn, stream uint32) {
				c.headers(stream, false, ":status", "200", "content-type", htmlType, "content-length", "1000")
				_ = c.framer.WriteData(stream, true, []byte("<title>short</title>"))
			})},
		{Name: "h2-continuation-flood", Does: "bounds a header that goes on in CONTINUATION frames without end",
			Want: failed("too_large", "protocol", "reset"), up: http2Server(continuations)},
		{Name: "h2-header-bomb", Does: "bounds a header by its size after HPACK: 8 MiB in some KiB",
			Want: failed("too_large", "protocol", "reset"), up: http2Server(headerBomb)},
		{Name: "h2-ping-flood", Does: "gives up on a server that pings instead of answering",
			Want: failed("timeout", "reset", "protocol"), up: http2Server(func(c *h2conn, _ uint32) {
				c.pour(func() error { return c.framer.WritePing(false, [8]byte{}) })
			})},
		{Name: "h2-settings-flood", Does: "gives up on a server that sends settings instead of answering",
			Want: failed("timeout", "reset", "protocol"), up: http2Server(func(c *h2conn, _ uint32) {
				c.pour(func() error { return c.framer.WriteSettings() })
			})},
		{Name: "h2-empty-data-flood", Does: "gives up on empty DATA frames without end",
			Want: failed("timeout", "reset", "protocol"), up: http2Server(func(c *h2conn, stream uint32) {
				c.headers(stream, false, ":status", "200", "content-type", htmlType)
				c.pour(func() error { return c.framer.WriteData(stream, false, nil) })
			})},
		{Name: "h2-speaks-1.1", Does: "takes HTTP/1.1 on a connection of HTTP/2 for a broken response",
			Want: failed("protocol", "reset", "robots_unavailable", "connect"), up: accept("https", func(c *conn) {
				config := c.site.zoo.authority.good()
				config.NextProtos = []string{"h2"}
				if c.secure(config) {
					c.site.hit("")
					c.page(document("1.1"))
					c.hold()
				}
			})},
	}
}

func continuations(c *h2conn, stream uint32) {
	_ = c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: bytes.Clone(c.block(":status", "200"))})
	more := bytes.Clone(c.block("x-more", strings.Repeat("a", 8<<10)))
	c.pour(func() error { return c.framer.WriteContinuation(stream, false, more) })
}

// headerBomb names one field of 4 KB from the table 2,000 times over.
func headerBomb(c *h2conn, stream uint32) {
	block := bytes.Clone(c.block(":status", "200", "x-bomb", strings.Repeat("a", 3900)))
	again := c.block("x-bomb", strings.Repeat("a", 3900)) // an index of one byte by now
	_ = c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block})
	_ = c.framer.WriteContinuation(stream, true, bytes.Repeat(again, 2000))
	c.hold()
}
