package charset

import (
	"net/url"
	"testing"
)

// The values are those of the web-platform-tests' url/resources/percent-encoding.json and of browsers.
func TestQueryEncoder(t *testing.T) {
	for _, c := range []struct{ charset, query, want string }{
		{"windows-1252", "q=é&p=1", "q=%E9&p=1"},
		{"windows-1252", "†", "%86"},
		{"windows-1252", "q=日é", "q=%26%2326085%3B%E9"},
		{"windows-1252", "Ã\u0081", "%C3%81"}, // Á in UTF-8, on a page that claims to be in Latin-1
		{"windows-1252", "\u0080\ufffd", "%26%23128%3B%26%2365533%3B"},
		{"windows-1251", "Р\u0098", "%D0%98"},
		{"iso-8859-8-i", "\u0080א", "%80%E0"},
		{"windows-1251", "q=Привет мир", "q=%CF%F0%E8%E2%E5%F2 %EC%E8%F0"},
		{"koi8-r", "я", "%D1"},
		{"big5", "†", "%26%238224%3B"},
		{"euc-kr", "†", "%A2%D3"},
		{"euc-kr", "q=한국#", "q=%C7%D1%B1%B9#"},
		{"shift_jis", "ソ", `%83\`},
		{"shift_jis", "q=髙橋&﨑x", "q=%FB%FC%8B%B4&%FA%B1x"},
		{"shift_jis", "纊ⅹⅠ≒￤＂ｱ", "%FA\\%FAI%87T%81%E0%FAU%FAW%B1"},
		{"gbk", "中文", "%D6%D0%CE%C4"},
		{"gb18030", "中文", "%D6%D0%CE%C4"},
		{"iso-2022-jp", "a日b", "a%1B$BF|%1B(Bb"},
		{"euc-jp", "é", "%8F%AB%B1"},
		{"windows-1252", "a+b%20 c", "a+b%20 c"},
	} {
		if got := string((Detected{Name: c.charset}).QueryEncoder()([]byte(c.query))); got != c.want {
			t.Errorf("%s in %s: got %s, want %s", c.query, c.charset, got, c.want)
		}
	}
	for _, name := range []string{"utf-8", "utf-16le", "utf-16be", "replacement", ""} {
		if (Detected{Name: name}).QueryEncoder() != nil {
			t.Errorf("%q has a query encoder, want UTF-8", name)
		}
	}
}

// Each character of Shift_JIS that is in the table twice is written at its later place, and is still itself.
func TestShiftJISTwice(t *testing.T) {
	sjis := Detected{Name: "shift_jis"}
	encode := sjis.QueryEncoder()
	for pointer := 8272; pointer <= 8647; pointer++ {
		lead, trail := jisBytes(pointer)
		text, err := sjis.Decode([]byte{lead, trail})
		if err != nil {
			t.Fatal(err)
		}
		if jisPointer(lead, trail) != pointer || string(text) == "\ufffd" || string(text) == "\uffe2" {
			if pointer != 8632 && pointer != 8633 && pointer != 8644 { // no characters, and one of JIS X 0208
				t.Errorf("%d is %X %X, %q", pointer, lead, trail, text)
			}
			continue
		}
		got, err := url.PathUnescape(string(encode(text)))
		if err != nil || got[0] < 0xfa {
			t.Errorf("%s: % X, %v", text, got, err)
		}
		if back, err := sjis.Decode([]byte(got)); string(back) != string(text) || err != nil {
			t.Errorf("%s: % X is %s, %v", text, got, back, err)
		}
	}
}
