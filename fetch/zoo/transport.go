package zoo

import (
	"fmt"
	"net/http"
	"strings"
)

// slow are servers that take their time.
func slow() []Case {
	const gives = "gives up when the time for the whole request is over, however alive the connection seems"
	drip := func(name, head, unit string) Case {
		return Case{Name: name, Does: gives, Want: failed("timeout"), up: raw(func(c *conn, _ *http.Request) {
			c.send(head)
			c.dripping(unit)
		})}
	}
	hold := func(name, does, head string) Case {
		return Case{Name: name, Does: does, Want: failed("timeout"), up: raw(func(c *conn, _ *http.Request) {
			c.send(head)
			c.hold()
		})}
	}
	return []Case{
		{Name: "never-accepts", Does: "gives up on a port that takes connections and reads nothing",
			Want: failed("timeout"), up: neverAccept},
		hold("no-answer", "gives up when nothing comes for the idle limit", ""),
		hold("no-more-headers", "gives up when the header stops for the idle limit", okHead),
		hold("no-more-body", "gives up when the body stops for the idle limit, and does not take a part for the page", okHead+"Content-Length: 1000\r\n\r\n<title>part"),
		drip("drip-status", "HTTP/1.1 200 O", "K"),
		drip("drip-headers", okHead, "X-Drip: a\r\n"),
		drip("drip-body", okHead+"Content-Length: 1000000\r\n\r\n", "<p>drop"),
		drip("drip-chunks", okHead+"Transfer-Encoding: chunked\r\n\r\n", "1\r\n.\r\n"),
		drip("drip-1xx", "", "HTTP/1.1 103 Early Hints\r\n\r\n"),
	}
}

// neverAccept leaves connections in the kernel's queue.
func neverAccept(s *site) error {
	_, err := s.listen("http")
	return err
}

// cuts are connections that end at each phase, in each way.
func cuts() []Case {
	ways := []struct {
		name, words string
		end         func(*conn)
	}{
		{"close", "closes the connection", (*conn).end},
		{"reset", "resets the connection", (*conn).reset},
		{"half-close", "ends its side of the connection and keeps the other", (*conn).halfClose},
	}
	phases := []struct{ name, sent string }{
		{"request", ""},
		{"status", "HTTP/1.1 20"},
		{"headers", okHead + "X-Half: hal"},
		{"body", okHead + "Content-Length: 1000\r\n\r\n<title>half"},
		{"chunk", okHead + "Transfer-Encoding: chunked\r\n\r\n100\r\n<title>half"},
	}
	var all []Case
	for _, way := range ways {
		for _, phase := range phases {
			all = append(all, Case{
				Name: way.name + "-" + phase.name,
				Does: fmt.Sprintf("records a failure, never half a page, when the server %s in the %s", way.words, phase.name),
				Want: failed("reset", "protocol"),
				up: raw(func(c *conn, _ *http.Request) {
					c.send(phase.sent)
					way.end(c)
				}),
			})
		}
	}
	atOnce := func(name string, end func(*conn)) Case {
		return Case{
			Name: name + "-accept",
			Does: "records a failure when connections end before a request can be read",
			Want: failed("connect", "reset", "robots_unavailable"),
			up: accept("http", func(c *conn) {
				c.site.hit("")
				end(c)
			}),
		}
	}
	return append(all, atOnce("close", (*conn).end), atOnce("reset", (*conn).reset))
}

// once sends text for the seed, and proper pages for the rest.
func once(text string) server {
	return raw(func(c *conn, r *http.Request) {
		if path := c.site.path(r); path != "" {
			c.page(document(path))
			return
		}
		c.send(text)
		c.end()
	})
}

// lengths are bodies of another length than promised.
func lengths() []Case {
	page := document("length")
	tail := "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n<title>smuggled</title>\r\n"
	framed := func(headers string) server { return once(okHead + headers + "\r\n\r\n" + page) }
	return []Case{
		{Name: "length-short", Does: "reads as much as Content-Length says, and takes nothing that follows for another page's response",
			Want: []Want{fetched("", "length"), {URL: "next", Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"reset", "protocol"}, Title: "next"}},
			up: raw(func(c *conn, r *http.Request) {
				if path := c.site.path(r); path != "" {
					c.page(document(path))
					return
				}
				c.page(document("length", "next"))
				c.send(tail)
			})},
		{Name: "length-long", Does: "records a failure when a body ends before its Content-Length",
			Want: failed("reset"), up: framed("Content-Length: 100000")},
		{Name: "length-huge", Does: "believes a length as it comes, and reserves no memory for a promise",
			Want: failed("reset"), up: framed("Content-Length: 9000000000000000000")},
		{Name: "length-twice", Does: "takes two lengths that differ for a broken response (RFC 9112 §6.3)",
			Want: failed("protocol"), up: framed("Content-Length: 10\r\nContent-Length: 20")},
		{Name: "length-negative", Does: "takes a negative length for a broken response",
			Want: failed("protocol"), up: framed("Content-Length: -5")},
		{Name: "length-garbage", Does: "takes a length that is no number for a broken response",
			Want: failed("protocol"), up: framed("Content-Length: many")},
		{Name: "length-and-chunks", Does: "goes by the chunks when there is a length too (RFC 9112 §6.3)",
			Want: []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"protocol"}, Title: "length"}},
			up:   once(okHead + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(page) + "0\r\n\r\n")},
		{Name: "length-none", Does: "reads to the end of the connection when there is no length",
			Want: []Want{fetched("", "length")}, up: framed("Connection: close")},
	}
}

func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

// chunks are bodies whose chunks are broken.
func chunks() []Case {
	const head = okHead + "Transfer-Encoding: chunked\r\n\r\n"
	page := document("chunks")
	forever := func(before, unit string) server {
		return raw(func(c *conn, _ *http.Request) {
			c.send(before)
			c.flood(unit)
		})
	}
	return []Case{
		{Name: "chunk-garbage", Does: "takes a chunk size that is no number for a broken response",
			Want: failed("protocol"), up: once(head + "zz\r\n" + page)},
		{Name: "chunk-huge", Does: "takes a chunk size beyond 64 bits for a broken response",
			Want: failed("protocol"), up: once(head + "fffffffffffffffff\r\n" + page)},
		{Name: "chunk-large", Does: "believes a chunk's size as it comes",
			Want: failed("reset"), up: once(head + "7fffffffffffffff\r\n" + page)},
		{Name: "chunk-unended", Does: "does not take a body without its last chunk for a whole one",
			Want: failed("reset"), up: once(head + chunk(page))},
		{Name: "chunk-no-crlf", Does: "takes a chunk that is longer than its size for a broken response",
			Want: failed("protocol"), up: once(head + "5\r\n" + page)},
		{Name: "chunk-forever", Does: "stops a body without end at the limit for bodies, and says that it is cut",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, Title: "forever", Truncated: true, Over: []string{"body"}, MaxBytes: bodyLimit}},
			up:   forever(head+chunk("<title>forever</title>"), chunk(strings.Repeat("<p>more\n", 512)))},
		{Name: "chunk-tiny", Does: "gives up on chunks of one byte without end, or stops at the limit",
			Want: []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"protocol", "timeout"}, Truncated: true, MaxBytes: bodyLimit}},
			up:   forever(head, chunk("."))},
		{Name: "chunk-extension", Does: "gives up on chunk extensions without end",
			Want: failed("protocol", "too_large", "timeout"), up: forever(head+"1;", "a=b;")},
		{Name: "chunk-trailers", Does: "gives up on trailers without end",
			Want: failed("protocol", "too_large", "reset"), up: forever(head+chunk(page)+"0\r\n", "X-Trailer: more\r\n")},
	}
}

// heads are status lines and headers that are too much, or not HTTP.
func heads() []Case {
	page := document("head")
	end := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(page), page)
	flood := func(before, unit string) server {
		return raw(func(c *conn, _ *http.Request) {
			c.send(before)
			c.flood(unit)
		})
	}
	many := raw(func(c *conn, _ *http.Request) {
		c.send(okHead)
		for i := 0; i < 10_000 && c.send(fmt.Sprintf("X-Header-%05d: thirty bytes are enough\r\n", i)); i++ {
		}
		c.send(end)
		c.end()
	})
	long := raw(func(c *conn, _ *http.Request) {
		c.send(okHead + "X-Long: " + strings.Repeat("z", 1<<20) + "\r\n" + end)
		c.end()
	})
	tooLarge := failed("too_large")
	ok := []Want{fetched("", "head")}
	return []Case{
		{Name: "headers-10000", Does: "bounds what it reads of a header: 10,000 fields of 40 bytes are too many",
			Want: tooLarge, up: many},
		{Name: "header-1mib", Does: "bounds what it reads of a header: one field of 1 MiB is too long",
			Want: tooLarge, up: long},
		{Name: "headers-forever", Does: "bounds what it reads of a header that never ends",
			Want: tooLarge, up: flood(okHead, "X-More: and more\r\n")},
		{Name: "header-forever", Does: "bounds what it reads of a field that never ends",
			Want: tooLarge, up: flood(okHead+"X-Long: ", "zzzzzzzz")},
		{Name: "status-forever", Does: "bounds what it reads of a status line that never ends",
			Want: failed("too_large", "protocol"), up: flood("HTTP/1.1 200 ", "OK")},
		{Name: "1xx-flood", Does: "gives up on interim responses without end",
			Want: failed("protocol", "too_large"), up: flood("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")},
		{Name: "1xx-some", Does: "passes over interim responses",
			Want: ok, up: once("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + okHead + end)},
		{Name: "1xx-switch", Does: "goes along with no change of protocol",
			Want: failed("protocol"), up: once("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + page)},
		{Name: "http-0.9", Does: "takes a body without a status line for no HTTP",
			Want: failed("protocol"), up: once("<title>0.9</title>")},
		{Name: "ssh-banner", Does: "takes another protocol for no HTTP",
			Want: failed("protocol"), up: once("SSH-2.0-OpenSSH_9.9\r\n")},
		{Name: "garbage-before-status", Does: "takes bytes before the status line for no HTTP",
			Want: failed("protocol"), up: once("\x00\xff\x7fELF\r\n\r\n" + okHead + end)},
		{Name: "bare-lf", Does: "reads a header whose lines end in LF alone (RFC 9112 §2.2)",
			Want: ok, up: once(strings.ReplaceAll(okHead+end, "\r\n", "\n"))},
		{Name: "header-folded", Does: "reads a field that goes on in the next line (RFC 9112 §5.2)",
			Want: ok, up: once(okHead + "X-Folded: one\r\n two\r\n" + end)},
		{Name: "header-no-colon", Does: "takes a header line that is no field for a broken response",
			Want: failed("protocol"), up: once(okHead + "this is no field\r\n" + end)},
		{Name: "header-nul", Does: "takes control characters in a field for a broken response, or passes the field over",
			Want: []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"protocol"}, Title: "head"}},
			up:   once(okHead + "X-Nul: a\x00b\x1b[31m\r\n" + end)},
		{Name: "status-words", Does: "takes a status that is no number for a broken response",
			Want: failed("protocol"), up: once("HTTP/1.1 abc OK\r\n" + end)},
		{Name: "status-999", Does: "records a status that nobody knows",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{999}}}, up: once("HTTP/1.1 999 Go Away\r\n" + end)},
		{Name: "status-000", Does: "survives a status of 0",
			Want: []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"protocol"}}}, up: once("HTTP/1.1 000 Nothing\r\n" + end)},
		{Name: "http-2.0-in-clear", Does: "takes a version that was not agreed on for a broken response, or reads it",
			Want: []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"protocol"}}}, up: once("HTTP/2.0 200 OK\r\n" + end)},
	}
}

// connections are those that break between requests.
func connections() []Case {
	links := numbered("page-", 5)
	more := numbered("page-", 9)
	closes := func(c *conn, r *http.Request) {
		if c.asks > 1 {
			c.end()
			return
		}
		c.page(document("kept", links...))
	}
	return []Case{
		{Name: "keepalive-closed", Does: "asks again on a new connection when a kept one closes under a request",
			Want: append(pages(links...), fetched("", "kept")), up: raw(closes)},
		{Name: "drops-every-third", Does: "fetches what it can from a host that drops every third connection",
			Want: thirds(more), up: accept("http", func(c *conn) {
				if c.n%3 == 0 {
					c.reset()
					return
				}
				c.answer(func(c *conn, _ *http.Request) {
					page := document("drops", more...)
					c.send(okHead + fmt.Sprintf("Connection: close\r\nContent-Length: %d\r\n\r\n%s", len(page), page))
					c.end()
				})
			})},
	}
}

// thirds wants a record for each page; which of them fail depends on the
// order of connections and on how often is tried.
func thirds(links []string) []Want {
	all := []Want{{URL: "*", Outcome: []string{"fetched"}, Title: "drops"}}
	for _, l := range links {
		all = append(all, Want{URL: l, Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"reset", "connect"}, Title: "drops"})
	}
	return all
}

// handshakes are servers whose TLS is wrong.
func handshakes() []Case {
	cert := func(name, does string, kind leaf) Case {
		return Case{Name: name, Does: does, Want: failed("tls"), up: secure(showing(kind), plain)}
	}
	broken := failed("tls", "connect", "reset", "robots_unavailable")
	return []Case{
		{Name: "tls-good", Does: "fetches from a server whose certificate is in order",
			Want: []Want{fetched("", "tls-good")}, up: secure((*authority).good, plain)},
		cert("tls-expired", "refuses a certificate that has expired", expiredLeaf),
		cert("tls-not-yet", "refuses a certificate that is not valid yet", futureLeaf),
		cert("tls-wrong-host", "refuses a certificate of another host", otherHostLeaf),
		cert("tls-self-signed", "refuses a certificate that is its own authority", selfSignedLeaf),
		cert("tls-unknown-ca", "refuses a certificate of an authority that it does not know", strangersLeaf),
		cert("tls-short-chain", "refuses a certificate whose intermediate is not sent along", shortChainLeaf),
		oldTLS("tls-1.0", 0x0301),
		oldTLS("tls-1.1", 0x0302),
		{Name: "tls-plain-http", Does: "says that the server does not speak TLS when it answers in plain HTTP",
			Want: failed("tls"), up: accept("https", func(c *conn) {
				c.site.hit("")
				c.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
				c.hold()
			})},
		{Name: "tls-garbage", Does: "refuses a handshake of garbage",
			Want: broken, up: accept("https", func(c *conn) {
				c.site.hit("")
				c.flood("\xde\xad\xbe\xef")
			})},
		{Name: "tls-close", Does: "records a failure when the connection closes in the handshake",
			Want: broken, up: accept("https", func(c *conn) {
				c.site.hit("")
				_, _ = c.in.Peek(1)
				c.reset()
			})},
		{Name: "tls-stalls", Does: "gives up on a handshake that stalls when the time to connect is over",
			Want: failed("timeout"), up: accept("https", func(c *conn) {
				c.site.hit("")
				c.hold()
			})},
		{Name: "tls-drips", Does: "gives up on a handshake of a byte at a time when the time to connect is over",
			Want: failed("timeout", "tls"), up: accept("https", func(c *conn) {
				c.site.hit("")
				c.drip("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03") // a record of 16 KiB, of a ServerHello as long
				c.dripping("\x00")
			})},
	}
}

func oldTLS(name string, version uint16) Case {
	return Case{Name: name, Does: "refuses a version of TLS that is broken by now (RFC 8996)",
		Want: failed("tls"), up: secure(only(version), plain)}
}
