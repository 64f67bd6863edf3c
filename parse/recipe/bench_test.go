package recipe

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// tenKiB is a page of 10 KiB with 33 links, and four fields to find in it.
func tenKiB() []byte {
	var b bytes.Buffer
	b.WriteString(`<!doctype html><html><head><title>t</title></head><body><h1 class="title">A thing</h1><p class=price>1,234.50</p>
<a class=next href=/next>next</a>`)
	for i := range 32 {
		fmt.Fprintf(&b, `<div class="card c%d"><h2>Number %d</h2><a href="/p/%d">%s</a></div>`+"\n", i, i, i, strings.Repeat("words and ", 23))
	}
	b.WriteString(`<footer id=foot><span class=stock>in stock</span></footer></body></html>`)
	return b.Bytes()
}

// BenchmarkFields is the price of four CSS fields on a page of 10 KiB, and of what one writes by hand, a goquery document
// and four Finds, in turns: "ratio" is the first by the second, of the fastest turns of each, and 1.25 is the bar.
func BenchmarkFields(b *testing.B) {
	body := tenKiB()
	u := mustURL(b)
	r, err := FromFlags(Flags{CSS: []string{"title=h1.title", "price=.price", "next=a.next@href", "stock=#foot .stock"}})
	if err != nil {
		b.Fatal(err)
	}
	ours := func() {
		e, err := r.Extract(b.Context(), NewPage(u, "text/html", body, nil))
		if err != nil || len(e.Items[0].Data) != 4 {
			b.Fatal(e, err)
		}
	}
	byHand := func() {
		d, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		next, _ := d.Find("a.next").First().Attr("href")
		if d.Find("h1.title").First().Text() == "" || d.Find(".price").First().Text()+next+d.Find("#foot .stock").First().Text() == "" {
			b.Fatal("nothing found")
		}
	}
	var a, z []time.Duration
	for b.Loop() {
		a = append(a, clock(ours))
		z = append(z, clock(byHand))
	}
	slices.Sort(a)
	slices.Sort(z)
	recipe, goquery := a[len(a)/4], z[len(z)/4]
	b.ReportMetric(float64(recipe)/float64(goquery), "ratio")
	b.ReportMetric(float64(recipe)/1e3, "recipe-µs")
	b.ReportMetric(float64(goquery)/1e3, "goquery-µs")
}

func clock(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
