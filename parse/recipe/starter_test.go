package recipe

import (
	"strings"
	"testing"
)

// TestStarter: what is written compiles, and finds on its own page what it names.
func TestStarter(t *testing.T) {
	shop := `<title>t</title><meta name=description content=d><meta property="og:image" content="/i.png">
<script type="application/ld+json">{"@type":"Product","name":"N","offers":{"price":1},"sku":"7"}</script>
<h1>T</h1><article><p>a</article><ul><li class="card new"><a href=1>1</a><li class=card><a href=2>2</a><li class=card><a href=3>3</a></ul>`
	for _, tt := range []struct {
		name, url, body, want string
	}{
		{"html", "https://www.shop.example/p/1?x", shop,
			`[{ page {"url":"https://www.shop.example/p/1?x","title":"T","description":"d","image":"https://www.shop.example/i.png","content":"a","product_name":"N","product_sku":"7"}}` +
				` { entry {"text":"1","link":"https://www.shop.example/p/1"}} { entry {"text":"2","link":"https://www.shop.example/p/2"}} { entry {"text":"3","link":"https://www.shop.example/p/3"}}]`},
		{"empty", "https://[::1]/", "", `[{ page {"url":"https://[::1]/"}}]`},
		{"json list", "https://api.example/v1/x", `{"meta":{"n":1},"data":{"my-posts":[{"id":1,"t-x":"a"},{"id":2}]}}`,
			`[{ entry {"id":1,"t-x":"a"}} { entry {"id":2}}]`},
		{"json array", "https://api.example/", `[{"id":1}]`, `[{ entry {"id":1}}]`},
		{"json value", "https://api.example/*/a", `[1,2]`, `[{ entry {"value":[1,2]}}]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := page(t, tt.url, []byte(tt.body))
			text := Starter(t.Context(), p)
			r, err := Compile("starter.yaml", text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			var got []string
			for _, it := range mustExtract(t, r, p).Items {
				got = append(got, "{ "+it.Name+" "+string(it.Data.AppendJSON(nil))+"}")
			}
			if s := "[" + strings.Join(got, " ") + "]"; s != tt.want {
				t.Errorf("%s\nwant %s\nof\n%s", s, tt.want, text)
			}
		})
	}
}

// TestStarterUncommented: what the comments suggest compiles, too.
func TestStarterUncommented(t *testing.T) {
	text := string(Starter(t.Context(), page(t, "https://a.example/", nil)))
	_, body, _ := strings.Cut(text, "name:")
	body = strings.NewReplacer("  # on_error: drop", "  on_error: drop", "# price", "price", "# tags", "tags", "# sku", "sku", "# links", "links", "  # entry", "  entry",
		"  #   ", "    ", "# follow", "follow", "#   - ", "  - ", "# skip", "skip").Replace(body)
	if r, err := Compile("starter.yaml", []byte("name:"+body)); err != nil || len(r.items) != 2 || len(r.follow) != 2 || len(r.skip) != 2 {
		t.Errorf("%v\n%s", err, body)
	}
}
