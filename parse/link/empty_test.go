package link

import "testing"

func TestCloseEmpty(t *testing.T) {
	for page, want := range map[string]string{
		`<p>a<br/>b<img src=x />c</p>`:                         ``,
		`<script src="a.js"/><p/>x<a id='>' />`:                `<script src="a.js"/></script><p/></p>x<a id='>' /></a>`,
		`<svg><g><g/></g><a/></svg><svg/><b/>`:                 `<svg><g><g/></g><a/></svg><svg/><b/></b>`,
		`<svg><foreignObject><div/></foreignObject><g/></svg>`: `<svg><foreignObject><div/></div></foreignObject><g/></svg>`,
		`<script>"<b/>"</script><!-- <b/> --><![CDATA[<b/>]]>`: ``,
		`<a href=x/>y</a>`:                                     ``, // a value without quotes, which XML has not
		`<media:x url="a"/><Title/>`:                           `<media:x url="a"/></media:x><Title/></Title>`,
		`<b/`:                                                  ``,
	} {
		if want == "" {
			want = page
		}
		if got := string(CloseEmpty([]byte(page))); got != want {
			t.Errorf("%s\n got %s\nwant %s", page, got, want)
		}
	}
}
