package recipe

import (
	"fmt"
	"testing"
)

// JSON-LD is read as people write it.
func TestJSONLDThatIsNoJSON(t *testing.T) {
	r, err := Compile("r.yaml", []byte(fields("{json-ld: Product.offers.price, many: true}")))
	if err != nil {
		t.Fatal(err)
	}
	for block, want := range map[string]string{
		`{"@type": "Product", "offers": {"price": 3.40}}`:                                    "[3.40]",
		"{\"@type\": \"Product\", \"name\": \"two\nlines\", \"offers\": {\"price\": \"4\"}}": "[4]",
		`[{"@type": "Product", "offers": [{"price": 5}, {"price": 6},]}, ]`:                  "[5 6]",
		"//<![CDATA[\n{\"@type\": \"Product\", \"offers\": {\"price\": 7}}\n//]]>":           "[7]",
		`{"@type": "Product", "offers": {"price": 8}}{"@type": "Offer"}`:                     "[8]",
		`price: 9`: "[]",
	} {
		p := page(t, "https://site.example/", []byte(`<script type="application/ld+json">`+block+`</script>`))
		e := mustExtract(t, r, p)
		if got := fmt.Sprint(e.Items[0].Data[0].Value); got != want {
			t.Errorf("%s: %s, want %s", block, got, want)
		}
	}
}
