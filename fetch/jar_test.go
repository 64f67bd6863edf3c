package fetch

import (
	"net/http"
	"testing"
	"time"
)

// All hosts together do not fill the jar without end.
func TestJarIsBounded(t *testing.T) {
	j := NewJar()
	j.count = maxCookies - 1
	set := []*http.Cookie{{Name: "a", Value: "1"}}
	for _, tt := range []struct {
		host    string
		refused int
	}{
		{"last.test", 0},
		{"more.test", 1},
		{"last.test", 0}, // is there already
	} {
		if n := j.set(jarURL("http", tt.host, "/"), set, time.Now()); n != tt.refused {
			t.Errorf("%s: %d refused, want %d", tt.host, n, tt.refused)
		}
	}
}
