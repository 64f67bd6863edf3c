package link

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestAttributes(t *testing.T) {
	many := strings.Repeat("a=1 ", 1000)
	for _, tt := range []struct {
		page string
		want int
	}{
		{strings.Repeat("text ", 1000), 0},
		{strings.Repeat("<p>", 1000), 0},
		{strings.Repeat("<p a b='>' c = 1>text x=y</p d>", 1000), 3000},
		{"<!-- <p " + many + ">--><?p " + many + "?><p a>" + many, 1},
		{"<p title='" + many + "' b><i c>", 3},
		{"<script>if (i<n) '<p " + many + "'</script><p a>", 1},
		{"<title><p " + many + "></title><plaintext a><p " + many + ">", 1},
		{"<svg><style><p " + many + "></style></svg>", 1000},
		{"<p " + many, 1000}, // cut off within the tag
	} {
		if n := Attributes([]byte(tt.page), 3000, false); n != 0 && n != tt.want {
			t.Errorf("%.40q: %d attributes, want %d, or 0 of a short page", tt.page, n, tt.want)
		}
		if n := Attributes([]byte(tt.page), 500, false); n != min(tt.want, 501) {
			t.Errorf("%.40q: %d attributes, want %d", tt.page, n, min(tt.want, 501))
		}
	}
}

func TestAttributesOfXML(t *testing.T) {
	body := "<title><p " + strings.Repeat("a ", 1000) + "></title>"
	if n := Attributes([]byte(body), 500, true); n != 501 {
		t.Errorf("%d attributes, want 501", n)
	}
}

// Of pages as there are many, it counts what a tokenizer finds.
func TestAttributesOfPages(t *testing.T) {
	for name, body := range benchPages() {
		want := 0
		for z := html.NewTokenizer(strings.NewReader(body)); z.Next() != html.ErrorToken; {
			want += len(z.Token().Attr)
		}
		body += strings.Repeat(" ", 3*want) // long enough to be counted
		if n := Attributes([]byte(body), want, false); n != want {
			t.Errorf("%s: %d attributes, want %d", name, n, want)
		}
		if n := Attributes([]byte(body), want-1, false); n != want {
			t.Errorf("%s: %d attributes, want %d, one too many", name, n, want)
		}
	}
}

func BenchmarkAttributes(b *testing.B) {
	body := bytes.Repeat([]byte(benchPages()["reference"]), 10)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		Attributes(body, len(body)/3, false)
	}
}
