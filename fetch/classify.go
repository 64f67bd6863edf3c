package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/trawl-crawler/trawl/fetch/dial"
)

// plainError is a failure in plain words, with the error that caused it for
// errors.Is and As.
type plainError struct {
	kind Kind
	text string
	err  error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.err }

// fail makes the Error of an exchange that gave no page. When the exchange's
// time ran out or its caller gave up, that is the reason, whatever the
// connection says of it.
func (x *exchange) fail(err error) error {
	why := &plainError{err: err}
	overdue, late := errors.AsType[*overdueError](context.Cause(x.ctx))
	switch {
	case context.Cause(x.ctx) == errRepeated:
		why = errRepeated
	case late:
		why.kind, why.text = KindTimeout, overdue.Error()
	case errors.Is(x.parent.Err(), context.DeadlineExceeded):
		why.kind, why.text = KindTimeout, "total timeout: the time given to this request is over"
	case x.parent.Err() != nil:
		why.kind, why.text = KindCanceled, context.Cause(x.parent).Error()
	default:
		why.kind, why.text = classify(err)
	}
	if _, known := errors.AsType[Limit](err); why.kind == KindTooLarge && !known {
		why.err = LimitHeader
	}
	if why.kind == KindReset && !x.connected {
		why.kind = KindConnect
	}
	if len(why.text) > maxWords {
		why = &plainError{why.kind, strings.ToValidUTF8(why.text[:maxWords], "") + "…", why.err}
	}
	e := &Error{Kind: why.kind, URL: x.asked.URL, Err: why}
	e.Offline = x.client != nil && x.offline(why.kind)
	return e
}

// maxWords is how many bytes a failure is told in. It may quote what came: a
// header line, a certificate's name, of as many bytes as a header may have, each
// of them four when they are quoted, and the frontier keeps it of each try.
const maxWords = 1 << 10

// offline tells whether that there is no connection is the fault of whoever is in
// between, and not of the host. There may have been one, that was kept and had
// come to its end.
func (x *exchange) offline(kind Kind) bool {
	names, proxy := false, false
	switch kind {
	case KindTimeout:
		names, proxy = !x.connected, !x.connected && x.proxied
	case KindDNS:
		names = true
	case KindProxy:
		proxy = true
	}
	return names && x.client.dialer.Offline() || proxy && x.client.dialer.ProxyDown()
}

// classify gives the kind of what net/http, crypto/tls, net and dial say, in
// words without their wrapping. Some of net/http's errors have no type; their
// text is all there is to know them by.
func classify(err error) (Kind, string) {
	if plain, ok := errors.AsType[*plainError](err); ok {
		return plain.kind, plain.text
	}
	if forbidden, ok := errors.AsType[*dial.ForbiddenError](err); ok {
		return KindForbidden, forbidden.Error()
	}
	op, isOp := errors.AsType[*net.OpError](err)
	if isOp && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks ")) {
		return KindProxy, proxyWords(op)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return classifyDNS(dns)
	}
	if words := tlsWords(err); words != "" {
		return KindTLS, words
	}
	if isOp && op.Op == "dial" {
		if op.Timeout() {
			return KindTimeout, fmt.Sprintf("connect timeout: no answer from %s", op.Addr)
		}
		return KindConnect, fmt.Sprintf("connect to %s: %s", op.Addr, words(op.Err))
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return KindTimeout, "connect timeout: " + strings.TrimPrefix(err.Error(), "net/http: ")
	}
	return classifyText(err)
}

func classifyDNS(dns *net.DNSError) (Kind, string) {
	switch {
	case dns.IsNotFound:
		return KindDNS, fmt.Sprintf("no such host: %s", dns.Name)
	case dns.IsTimeout:
		return KindDNS, fmt.Sprintf("no answer about the name %s in time", dns.Name)
	}
	return KindDNS, fmt.Sprintf("the name %s could not be looked up for now: %s", dns.Name, dns.Err)
}

func proxyWords(op *net.OpError) string {
	var inner *net.OpError
	if errors.As(op.Err, &inner) && inner.Addr != nil {
		return fmt.Sprintf("proxy %s: %s", inner.Addr, words(inner.Err))
	}
	if tls := tlsWords(op.Err); tls != "" {
		return "proxy: " + tls
	}
	return "proxy: " + words(op.Err)
}

// classifyText knows the errors of an exchange under way.
func classifyText(err error) (Kind, string) {
	text := err.Error()
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("response headers exceeded", "response header list larger"):
		return KindTooLarge, "the response's header is larger than the limit"
	case has("malformed", "unsupported transfer encoding", "Content-Length",
		"too many transfer encodings", "invalid byte in chunk length", "chunk length too large", "too many 1xx",
		"invalid header", "connection error: PROTOCOL_ERROR", "bogus greeting"):
		return KindProtocol, trim(text)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		slices.ContainsFunc(brokenErrors, func(of error) bool { return errors.Is(err, of) }),
		has("server closed idle connection", "stream error", "GOAWAY", "client connection lost",
			"http2: client conn", "readLoopPeekFailLocked"):
		return KindReset, words(err)
	}
	return KindProtocol, trim(text)
}

// trim takes net/http's wrapping off a message.
func trim(text string) string {
	for _, prefix := range []string{"net/http: ", "HTTP/1.x transport connection broken: ", "http: ", "http2: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// words says in a few words what became of a connection.
func words(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		if errno == syscall.EMFILE {
			return errno.Error() + ": raise the limit (ulimit -n) or ask for fewer pages at a time"
		}
		return errno.Error()
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return "no answer in time"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return "the server closed the connection without an answer"
	}
	return trim(err.Error())
}

// tlsWords says what was wrong with the handshake or the certificate; "" when
// err is about something else.
func tlsWords(err error) string {
	if e, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		issuer := ""
		if e.Cert != nil {
			issuer = fmt.Sprintf(" (%s)", e.Cert.Issuer)
		}
		return "the certificate is signed by an authority unknown here" + issuer
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the certificate is not for %s but for %s", e.Host, certNames(e.Certificate))
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return invalidWords(e)
	}
	if e, ok := errors.AsType[tls.AlertError](err); ok {
		return "the server refused the handshake: " + strings.TrimPrefix(e.Error(), "tls: ")
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not speak TLS on this port"
	}
	if _, words, ok := strings.Cut(err.Error(), "tls: "); ok {
		return words
	}
	return ""
}

func invalidWords(e x509.CertificateInvalidError) string {
	if e.Reason != x509.Expired || e.Cert == nil {
		return "the certificate is not valid: " + strings.TrimPrefix(e.Error(), "x509: ")
	}
	// One reason covers both ends of a certificate's life; the detail tells which.
	if strings.Contains(e.Detail, "is before") {
		return "the certificate is not valid before " + e.Cert.NotBefore.Format(time.DateOnly)
	}
	return "the certificate expired on " + e.Cert.NotAfter.Format(time.DateOnly)
}

// certNames lists whom a certificate is for, the first few.
func certNames(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names[:len(names):len(names)], ip.String())
	}
	const few = 3
	switch {
	case len(names) == 0:
		return "nobody"
	case len(names) > few:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}
