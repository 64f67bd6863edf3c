package main

import (
	"net/http/httptest"
	"regexp"
	"testing"
)

var held [][]byte // for the heap's profile

func TestProfiles(t *testing.T) {
	served := profiles()
	for range 64 {
		held = append(held, make([]byte, 1<<20))
	}
	defer func() { held = nil }()
	for path, want := range map[string]string{
		"":                  `/debug/pprof/`,
		"goroutine?debug=1": `TestProfiles`,
		"heap?debug=1":      `(?s)heap/1048576.*TestProfiles`,
		"allocs?debug=1":    `TestProfiles`,
	} {
		w := httptest.NewRecorder()
		served.ServeHTTP(w, httptest.NewRequest("GET", "/debug/pprof/"+path, nil))
		if body := w.Body.String(); w.Code != 200 || !regexp.MustCompile(want).MatchString(body) {
			t.Errorf("%s: status %d, and nothing like %q in %.300s", path, w.Code, want, body)
		}
	}
}
