package charset

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Decode gives body as valid UTF-8, without its byte order mark, each invalid sequence replaced by U+FFFD.
// A body that needs no change is given back itself, neither copied nor allocated for: do not write to both.
// The result is at most three times as long as body (a byte becomes at most U+FFFD, three bytes).
// The only error is a Name that the WHATWG Encoding standard does not have, which Detect never gives.
func (d Detected) Decode(body []byte) ([]byte, error) {
	if d.Name == nameUTF8 {
		body = bytes.TrimPrefix(body, []byte(bomUTF8))
		if utf8.Valid(body) {
			return body, nil
		}
	}
	e, err := d.encoding()
	if err != nil {
		return nil, err
	}
	if len(body) == 0 || d.keepsASCII() && isASCII(body) {
		return body, nil
	}
	// Half as much again: markup is ASCII, so most pages grow by less, and their decoding is one allocation.
	text, _, err := transform.Append(e.NewDecoder(), make([]byte, 0, len(body)+len(body)/2), body)
	if err != nil {
		return nil, fmt.Errorf("charset: decoding %s: %w", d.Name, err)
	}
	return text, nil
}

// NewReader is Decode for a stream: it reads r and gives UTF-8, holding a few KiB. It has Decode's promises and its error.
func (d Detected) NewReader(r io.Reader) (io.Reader, error) {
	e, err := d.encoding()
	if err != nil {
		return nil, err
	}
	return transform.NewReader(r, e.NewDecoder()), nil
}

func (d Detected) encoding() (encoding.Encoding, error) {
	switch d.Name {
	case nameUTF8:
		return unicode.UTF8BOM, nil // its decoder takes a mark off when there is one
	case nameUTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case nameUTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	case "gbk":
		return simplifiedchinese.GB18030, nil // "gbk's decoder is gb18030's decoder", Encoding §10.1.1
	}
	e, err := encodingNamed(d.Name)
	if err != nil {
		return nil, fmt.Errorf("charset: %q is no encoding of the WHATWG Encoding standard; take a name that Detect gives: %w", d.Name, err)
	}
	return e, nil
}

// keepsASCII says whether ASCII text means itself in this charset.
func (d Detected) keepsASCII() bool {
	switch d.Name {
	case nameUTF16LE, nameUTF16BE, "iso-2022-jp", "replacement":
		return false
	}
	return true
}
