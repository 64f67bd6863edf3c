package charset

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// encodingNamed gives an encoding of the standard by its name.
func encodingNamed(name string) (encoding.Encoding, error) {
	if name == "iso-8859-8-i" {
		name = "iso-8859-8" // the same characters, to be shown in another order
	}
	e, err := htmlindex.Get(name)
	if table, ok := e.(*charmap.Charmap); ok {
		return singleByte{table}, nil
	}
	return e, err
}

// singleByte has a control character for each byte from 80 to 9F that is no other, as the standard's tables do and x/text's do not.
// It is for pages in UTF-8 that claim to be in Latin-1 or windows-1251: their characters are other ones, but a query comes out as
// the bytes that it was, the second of Á or И among them.
type singleByte struct{ table *charmap.Charmap }

func (s singleByte) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: singleByteDecoder{singleByte: s}}
}

func (s singleByte) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: singleByteEncoder{singleByte: s}}
}

func (s singleByte) decode(b byte) rune {
	if r := s.table.DecodeByte(b); r != utf8.RuneError || b >= 0xa0 {
		return r
	}
	return rune(b)
}

func (s singleByte) encode(r rune) (b byte, ok bool) {
	if 0x80 <= r && r < 0xa0 && s.decode(byte(r)) == r {
		return byte(r), true
	}
	return s.table.EncodeRune(r)
}

type singleByteDecoder struct {
	transform.NopResetter
	singleByte
}

func (d singleByteDecoder) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for _, b := range src {
		if nDst+utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if b < utf8.RuneSelf {
			dst[nDst] = b
			nDst++
		} else {
			nDst += utf8.EncodeRune(dst[nDst:], d.decode(b))
		}
		nSrc++
	}
	return nDst, nSrc, nil
}

type singleByteEncoder struct {
	transform.NopResetter
	singleByte
}

func (e singleByteEncoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size := utf8.DecodeRune(src[nSrc:])
		b, ok := e.encode(r)
		switch {
		case !atEOF && !utf8.FullRune(src[nSrc:]):
			return nDst, nSrc, transform.ErrShortSrc
		case !ok:
			return nDst, nSrc, fmt.Errorf("charset: %v has no %U", e.table, r)
		case nDst == len(dst):
			return nDst, nSrc, transform.ErrShortDst
		}
		dst[nDst] = b
		nDst, nSrc = nDst+1, nSrc+size
	}
	return nDst, nSrc, nil
}
