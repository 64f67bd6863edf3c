package reshape_test

import (
	"bytes"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/reshape"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

func TestReshape(t *testing.T) {
	for _, tc := range []struct {
		expr string
		drop bool
		want string
		told int
	}{
		{`select(.status == 200) | {url}`, false, "{\"url\":\"a\"}\n", 0},
		{`.url, .status`, false, "\"a\"\n200\n\"b\"\n404\n", 0},
		{`if .status == 404 then .url + 1 else "<" end`, true, "\"<\"\n", 1},
		{`if .status == 404 then .url + 1 else "\u001b" end`, false, "\"\\u001b\"\n{\"url\":\"b\",\"status\":404,\"depth\":0}\n", 1},
		{`.url + 1`, true, "", 1},
	} {
		expr, err := recipe.CompileSelect(tc.expr)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		told := 0
		s := reshape.New(jsonl.NewStream(&out, 0), reshape.Options{Select: expr, Drop: tc.drop, Failed: func(string, error) { told++ }})
		for _, r := range []output.Record{{URL: "a", Status: 200}, {URL: "b", Status: 404}} {
			if err := s.Write(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != tc.want || told != tc.told {
			t.Errorf("%s: %q, told %d times; want %q, %d", tc.expr, out.String(), told, tc.want, tc.told)
		}
		if tc.expr == ".url + 1" && len(s.Errors()) != 1 {
			t.Errorf("%s: errors %v", tc.expr, s.Errors())
		}
	}
}
