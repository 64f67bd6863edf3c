package disk

import (
	"encoding/binary"
	"fmt"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A value is one byte of state and then fields: a tag, and a number or a text.
// A field that is zero is left out. The lowest bit of a tag says whether it is
// a text. Tags are for ever: a new field gets a new one, and one that a reader
// does not know is damage, since a newer format is refused before that.
const (
	tagURI       = 1<<1 | 1 // of a pending job; of a row, what its key had no room for
	tagVia       = 2<<1 | 1 // against the job's own URL
	tagSeedText  = 3<<1 | 1 // against the job's own URL
	tagETag      = 4<<1 | 1
	tagModified  = 5<<1 | 1
	tagError     = 6<<1 | 1
	tagRule      = 7<<1 | 1
	tagDetail    = 8<<1 | 1
	tagSeed      = 1 << 1 // the number of a seed that the store knows, plus one
	tagDepth     = 2 << 1 // when it is not that of the key
	tagRedirects = 3 << 1
	tagAttempts  = 4 << 1
	tagKeyDepth  = 5 << 1 // of a row
	tagKeySeq    = 6 << 1 // of a row
	tagStatus    = 7 << 1
)

// state is the first byte of a value: all that Known asks of it.
type state byte

func newState(k frontier.Kind, o frontier.Outcome, final, secured bool) state {
	s := state(o)&3 | state(k)&7<<2
	if final {
		s |= 1 << 5
	}
	if secured {
		s |= 1 << 6
	}
	return s
}

func (s state) outcome() frontier.Outcome { return frontier.Outcome(s & 3) }
func (s state) kind() frontier.Kind       { return frontier.Kind(s >> 2 & 7) }
func (s state) final() bool               { return s>>5&1 == 1 }
func (s state) scheme() byte {
	if s>>6&1 == 1 {
		return secure
	}
	return scheme
}

// passed tells whether it is of a URL that a rule skipped and that may yet
// become a job: the row then stays beside the job until the job ends.
func (s state) passed() bool { return s.outcome() == frontier.Skipped && !s.final() }

func putInt(dst []byte, tag byte, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return binary.AppendUvarint(append(dst, tag), v)
}

func putText(dst []byte, tag byte, s string) []byte {
	if s == "" {
		return dst
	}
	dst = binary.AppendUvarint(append(dst, tag), uint64(len(s)))
	return append(dst, s...)
}

// putURL writes u as what it shares with the beginning of base, and the rest:
// most pages are linked from their own host.
func putURL(dst []byte, tag byte, u, base string) []byte {
	if u == "" {
		return dst
	}
	shared := 0
	for shared < min(len(u), len(base)) && u[shared] == base[shared] {
		shared++
	}
	head := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen64), uint64(shared))
	dst = binary.AppendUvarint(append(dst, tag), uint64(len(head)+len(u)-shared))
	return append(append(dst, head...), u[shared:]...)
}

func appendPending(dst []byte, j *frontier.Job, seeds *seedBook) []byte {
	dst = append(dst, byte(newState(j.Kind, frontier.Pending, false, schemeOf(j.URL) == secure)))
	dst = putText(dst, tagURI, j.URL.RequestURI())
	return appendJob(dst, j, seeds)
}

func appendRow(dst []byte, r *frontier.Row, rest string, seeds *seedBook) []byte {
	dst = append(dst, byte(newState(r.Job.Kind, r.Outcome, r.Skip.Final, false)))
	dst = putText(dst, tagURI, rest)
	dst = putInt(dst, tagKeyDepth, uint64(r.Job.Key.Depth))
	dst = putInt(dst, tagKeySeq, r.Job.Key.Seq)
	dst = putInt(dst, tagStatus, uint64(r.Status))
	dst = putText(dst, tagError, r.Error)
	dst = putText(dst, tagRule, r.Skip.Rule)
	dst = putText(dst, tagDetail, r.Skip.Detail)
	return appendJob(dst, &r.Job, seeds)
}

func appendJob(dst []byte, j *frontier.Job, seeds *seedBook) []byte {
	text := j.URL.String()
	dst = putURL(dst, tagVia, j.Via.String(), text)
	if n, ok := seeds.number(j.Seed); ok {
		dst = putInt(dst, tagSeed, uint64(n)+1)
	} else {
		dst = putURL(dst, tagSeedText, j.Seed.String(), text)
	}
	dst = putInt(dst, tagDepth, uint64(j.Depth)-uint64(j.Key.Depth))
	dst = putInt(dst, tagRedirects, uint64(j.Redirects))
	dst = putInt(dst, tagAttempts, uint64(j.Attempts))
	dst = putText(dst, tagETag, j.Validators.ETag)
	return putText(dst, tagModified, j.Validators.LastModified)
}

// decodePending reads a job from its key, less the space and host, and value.
func decodePending(host, rest, value []byte, seeds *seedBook) (frontier.Job, error) {
	key, err := parsePending(rest)
	if err != nil {
		return frontier.Job{}, err
	}
	s, f, err := open(value)
	if err != nil {
		return frontier.Job{}, err
	}
	r := frontier.Row{Job: frontier.Job{Kind: s.kind(), Key: key}}
	uri := f.leadingURI()
	r.Job.URL = weburl.FromCanonical(string(appendURL(make([]byte, 0, 8+len(host)+len(uri)), s.scheme(), host, uri, nil)))
	return r.Job, f.fill(&r, seeds)
}

// decodeRow is decodePending for a row.
func decodeRow(host, rest, value []byte, seeds *seedBook) (frontier.Row, error) {
	secured, uri, _, err := rowURI(rest)
	if err != nil {
		return frontier.Row{}, err
	}
	s, f, err := open(value)
	if err != nil {
		return frontier.Row{}, err
	}
	r := frontier.Row{Job: frontier.Job{Kind: s.kind()}, Outcome: s.outcome()}
	r.Skip.Final = s.final()
	more := f.leadingURI()
	r.Job.URL = weburl.FromCanonical(string(appendURL(make([]byte, 0, 8+len(host)+len(uri)+len(more)), secured, host, uri, more)))
	return r, f.fill(&r, seeds)
}

// fields is what is left of a value to read.
type fields []byte

func open(value []byte) (state, fields, error) {
	if len(value) == 0 {
		return 0, nil, fmt.Errorf("%w: empty value", ErrCorrupt)
	}
	return state(value[0]), value[1:], nil
}

// leadingURI takes the field that is always the first, if there is one.
func (f *fields) leadingURI() []byte {
	if len(*f) == 0 || (*f)[0] != tagURI {
		return nil
	}
	_, _, text, err := f.next()
	if err != nil {
		return nil // fill meets it again and says so
	}
	return text
}

// next reads one field. On an error f stays as it is.
func (f *fields) next() (tag byte, v uint64, text []byte, err error) {
	tag = (*f)[0]
	v, n := binary.Uvarint((*f)[1:])
	if n <= 0 {
		return 0, 0, nil, fmt.Errorf("%w: field %d is cut", ErrCorrupt, tag)
	}
	rest := (*f)[1+n:]
	if tag&1 == 1 {
		if v > uint64(len(rest)) {
			return 0, 0, nil, fmt.Errorf("%w: field %d is cut", ErrCorrupt, tag)
		}
		text, rest = rest[:v], rest[v:]
	}
	*f = rest
	return tag, v, text, nil
}

// fill reads all fields into r, whose URL and outcome are known.
func (f *fields) fill(r *frontier.Row, seeds *seedBook) error {
	j := &r.Job
	var depth uint64
	for len(*f) > 0 {
		tag, v, text, err := f.next()
		if err != nil {
			return err
		}
		switch tag {
		case tagVia:
			j.Via, err = urlAgainst(text, j.URL)
		case tagSeedText:
			j.Seed, err = urlAgainst(text, j.URL)
		case tagSeed:
			j.Seed, err = seeds.url(v - 1)
		case tagETag:
			j.Validators.ETag = string(text)
		case tagModified:
			j.Validators.LastModified = string(text)
		case tagError:
			r.Error = string(text)
		case tagRule:
			r.Skip.Rule = string(text)
		case tagDetail:
			r.Skip.Detail = string(text)
		case tagDepth:
			depth = v
		case tagRedirects:
			j.Redirects = int(v)
		case tagAttempts:
			j.Attempts = int(v)
		case tagKeyDepth:
			j.Key.Depth = uint32(v)
		case tagKeySeq:
			j.Key.Seq = v
		case tagStatus:
			r.Status = int(v)
		default:
			err = fmt.Errorf("%w: no field has the tag %d", ErrCorrupt, tag)
		}
		if err != nil {
			return err
		}
	}
	j.Depth = int(depth + uint64(j.Key.Depth))
	return nil
}

func urlAgainst(text []byte, base weburl.URL) (weburl.URL, error) {
	shared, n := binary.Uvarint(text)
	if n <= 0 || shared > uint64(len(base.String())) {
		return weburl.URL{}, fmt.Errorf("%w: a URL that continues %q is cut", ErrCorrupt, base)
	}
	if rest := text[n:]; len(rest) > 0 {
		return weburl.FromCanonical(base.String()[:shared] + string(rest)), nil
	}
	return weburl.FromCanonical(base.String()[:shared]), nil
}
