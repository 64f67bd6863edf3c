package http1

import (
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"
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
