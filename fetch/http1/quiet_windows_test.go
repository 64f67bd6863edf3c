package http1

import (
	"io"
	"net"
	"testing"
)

// What has come on a connection is seen, though not its end.
func TestQuiet(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	is := quiet(client)
	if !is() {
		t.Error("not quiet, though nothing came")
	}
	io.WriteString(server, "HTTP/1.1 408 Request Timeout\r\n\r\n")
	for is() { // it comes
	}
}
