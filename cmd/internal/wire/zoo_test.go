package wire

import (
	"testing"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/fetch/zoo"
)

// Each case of the hostile web is a test, of the parts that any crawl is made
// of. All are crawled at once; what fails then is crawled once more by itself,
// as some cases are about time and a machine may be busy.
func TestZoo(t *testing.T) {
	t.Parallel()
	cases := zoo.Cases()
	wrong := checkZoo(t, cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			err := wrong[c.Name]
			if err != nil {
				t.Logf("among all others: %v", err)
				err = checkZoo(t, []zoo.Case{c})[c.Name]
			}
			if err != nil {
				t.Errorf("%s: %v", c.Does, err)
			}
		})
	}
}

func checkZoo(t *testing.T, cases []zoo.Case) map[string]error {
	t.Helper()
	z, err := zoo.Start(t.Context(), zoo.Options{Pace: ZooPace})
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	wrong, err := CheckZoo(t.Context(), z, cases, &config.New("trawl/test").Settings)
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}
