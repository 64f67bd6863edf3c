package http1

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

// Of origins whose connections are gone nothing is left: a crawl has millions.
func TestNothingIsLeftOfOriginsWithoutConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &Transport{MaxIdle: 3, MaxIdlePerHost: 2, IdleTimeout: time.Minute}
		for i := range 100 {
			client, server := net.Pipe()
			defer server.Close()
			tr.idle.put(newConn(client, origin{"http", fmt.Sprint("h", i)}, 16), tr)
		}
		tr.idle.take(origin{"http", "h99"}, time.Minute).net.Close()
		for _, left := range []int{2, 0} {
			time.Sleep(time.Minute - time.Duration(left)*20*time.Second)
			synctest.Wait()
			tr.idle.mu.Lock()
			if len(tr.idle.of) != left || tr.idle.all.n != left {
				t.Errorf("%d origins and %d connections, want %d", len(tr.idle.of), tr.idle.all.n, left)
			}
			tr.idle.mu.Unlock()
		}
	})
}

// A connection that is kept keeps nothing of the URL that was asked for first.
func TestAConnectionKeepsNoURL(t *testing.T) {
	const conns, size = 64, 1 << 20
	all := make([]*conn, conns)
	kept := heaptest.Grown(all, func() {
		for i := range all {
			client, server := net.Pipe()
			t.Cleanup(func() { client.Close(); server.Close() })
			url := "http://h/" + strings.Repeat("a", size)
			all[i] = newConn(client, origin{url[:4], url[7:8]}, 16)
		}
	})
	if kept > conns*size/2 {
		t.Errorf("%d connections of URLs of %d KiB keep %d KiB", conns, size>>10, kept>>10)
	}
}
