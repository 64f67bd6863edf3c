package robots_test

import (
	"fmt"

	"github.com/trawl-crawler/trawl/parse/robots"
)

func ExampleFile_Rules() {
	file := robots.Parse([]byte(`
User-agent: *
Disallow: /private/
Allow: /private/press/*.pdf$
Crawl-delay: 2
Sitemap: https://example.org/sitemap.xml
`))
	rules := file.Rules("trawl/1.0 (+https://example.org/bot)")
	for _, uri := range []string{"/", "/private/a", "/private/press/a.pdf"} {
		v := rules.Test(uri)
		fmt.Printf("%v %q line %d\n", v.Allowed, v.Rule, v.Line)
	}
	delay, _ := rules.CrawlDelay()
	fmt.Println(delay, file.Sitemaps())
	// Output:
	// true "" line 0
	// false "Disallow: /private/" line 3
	// true "Allow: /private/press/*.pdf$" line 4
	// 2s [https://example.org/sitemap.xml]
}
