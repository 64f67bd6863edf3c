package disk

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A value is a byte of state, the URL's text (none in an outcome, whose job
// has it), and fields: a tag, and a number or a text. A field that is zero is
// left out. The lowest bit of a tag says whether it is a text. Tags are for
// ever: a new field gets a new one, and one that a reader does not know is
// damage, since a newer format is refused before that.
const (
	tagVia      = 1<<1 | 1 // against the job's own URL
	tagSeedText = 2<<1 | 1 // against the job's own URL
	tagTrouble  = 3<<1 | 1
	tagTo       = 4<<1 | 1 // against the job's own URL
	tagError    = 5<<1 | 1
	tagRule     = 6<<1 | 1
	tagDetail   = 7<<1 | 1
	tagMessage  = 8<<1 | 1
	tagLast     = 9<<1 | 1  // fields of a Visit
	tagVisit    = 10<<1 | 1 // fields of a Visit
	tagCopy     = 11<<1 | 1
	tagRaw      = 12<<1 | 1

	tagSeed      = 1 << 1 // the number of a seed that the store knows, plus one
	tagDepth     = 2 << 1 // beyond the key's
	tagKeyDepth  = 3 << 1
	tagRedirects = 4 << 1
	tagAttempts  = 5 << 1
	tagStatus    = 6 << 1
	tagAt        = 7 << 1 // Unix nanoseconds
)

// state is the first byte of a value: with the URL, all that Known asks of it.
type state byte

func newState(k frontier.Kind, o frontier.Outcome, final bool) state {
	s := state(o)&3 | state(k)&15<<2
	if final {
		s |= 1 << 6
	}
	return s
}

func (s state) outcome() frontier.Outcome { return frontier.Outcome(s & 3) }
func (s state) kind() frontier.Kind       { return frontier.Kind(s >> 2 & 15) }
func (s state) final() bool               { return s>>6&1 == 1 }

// passed tells whether a rule skipped the URL in a way that leaves it free to
// become a job later.
func (s state) passed() bool { return s.outcome() == frontier.Skipped && !s.final() }

// appendJob is the value in spaceJob.
func appendJob(dst []byte, j *frontier.Job, seeds *seedBook) []byte {
	dst = append(dst, byte(newState(j.Kind, frontier.Pending, false)))
	return appendOrigin(dst, j, seeds)
}

// appendDone is the value of an outcome: what the job did not say.
func appendDone(dst []byte, r *frontier.Row) []byte {
	dst = append(dst, byte(newState(r.Job.Kind, r.Outcome, r.Skip.Final)), 0)
	dst = putInt(dst, tagAttempts, uint64(r.Job.Attempts))
	dst = putText(dst, tagTrouble, r.Job.Trouble)
	return appendOutcome(dst, r)
}

// appendSkip is the value in spaceSkip: a job and its outcome in one.
func appendSkip(dst []byte, r *frontier.Row, seeds *seedBook) []byte {
	dst = append(dst, byte(newState(r.Job.Kind, r.Outcome, r.Skip.Final)))
	return appendOutcome(appendOrigin(dst, &r.Job, seeds), r)
}

func appendOrigin(dst []byte, j *frontier.Job, seeds *seedBook) []byte {
	text := j.URL.String()
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	dst = append(dst, text...)
	dst = putText(dst, tagRaw, j.Raw)
	dst = putURL(dst, tagVia, j.Via.String(), text)
	if n, ok := seeds.number(j.Seed); ok {
		dst = putInt(dst, tagSeed, uint64(n)+1)
	} else {
		dst = putURL(dst, tagSeedText, j.Seed.String(), text)
	}
	dst = putInt(dst, tagKeyDepth, uint64(j.Key.Depth))
	dst = putInt(dst, tagDepth, uint64(j.Depth)-uint64(j.Key.Depth))
	dst = putInt(dst, tagRedirects, uint64(j.Redirects))
	dst = putInt(dst, tagAttempts, uint64(j.Attempts))
	dst = putText(dst, tagTrouble, j.Trouble)
	if j.Last == nil {
		return dst
	}
	return putVisit(dst, tagLast, j.Last)
}

func appendOutcome(dst []byte, r *frontier.Row) []byte {
	dst = putTime(dst, tagAt, r.At)
	dst = putInt(dst, tagStatus, uint64(r.Status))
	dst = putText(dst, tagError, r.Error)
	dst = putText(dst, tagMessage, r.Message)
	dst = putText(dst, tagRule, r.Skip.Rule)
	dst = putText(dst, tagDetail, r.Skip.Detail)
	dst = putText(dst, tagCopy, r.Skip.Copy)
	dst = putURL(dst, tagTo, r.To.String(), r.Job.URL.String())
	if r.Visit == (recrawl.Visit{}) {
		return dst
	}
	return putVisit(dst, tagVisit, &r.Visit)
}

func putTime(dst []byte, tag byte, t time.Time) []byte {
	if t.IsZero() {
		return dst
	}
	return binary.AppendUvarint(append(dst, tag), uint64(t.UnixNano()))
}

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
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(shared))
	dst = binary.AppendUvarint(append(dst, tag), uint64(n+len(u)-shared))
	return append(append(dst, head[:n]...), u[shared:]...)
}

// split takes a value apart.
func split(value []byte) (s state, url []byte, f fields, err error) {
	if len(value) == 0 {
		return 0, nil, nil, fmt.Errorf("%w: empty value", ErrCorrupt)
	}
	n, width := binary.Uvarint(value[1:])
	if width <= 0 || n > uint64(len(value)-1-width) {
		return 0, nil, nil, fmt.Errorf("%w: the URL of a value is cut", ErrCorrupt)
	}
	rest := value[1+width:]
	return state(value[0]), rest[:n], fields(rest[n:]), nil
}

// decode reads a value into r: an outcome into the row of its job, the others
// into an empty one.
func decode(r *frontier.Row, value []byte, seeds *seedBook) error {
	s, url, f, err := split(value)
	if err != nil {
		return err
	}
	r.Job.Kind, r.Outcome, r.Skip.Final = s.kind(), s.outcome(), s.final()
	if len(url) > 0 {
		r.Job.URL = weburl.FromCanonical(string(url))
	}
	for len(f) > 0 {
		tag, v, text, err := f.next()
		if err == nil {
			err = set(r, tag, v, text, seeds)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fields is what is left of a value to read.
type fields []byte

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

func set(r *frontier.Row, tag byte, v uint64, text []byte, seeds *seedBook) (err error) {
	j := &r.Job
	switch tag {
	case tagVia:
		j.Via, err = urlAgainst(text, j.URL)
	case tagRaw:
		j.Raw = string(text)
	case tagSeedText:
		j.Seed, err = urlAgainst(text, j.URL)
	case tagSeed:
		j.Seed, err = seeds.url(v - 1)
	case tagTrouble:
		j.Trouble = string(text)
	case tagTo:
		r.To, err = urlAgainst(text, j.URL)
	case tagCopy:
		r.Skip.Copy = string(text)
	case tagError:
		r.Error = string(text)
	case tagRule:
		r.Skip.Rule = string(text)
	case tagDetail:
		r.Skip.Detail = string(text)
	case tagKeyDepth:
		j.Key.Depth = uint32(v)
		j.Depth += int(v)
	case tagDepth:
		j.Depth += int(v)
	case tagRedirects:
		j.Redirects = int(v)
	case tagAttempts:
		j.Attempts = int(v)
	case tagStatus:
		r.Status = int(v)
	case tagAt:
		r.At = timeAt(v)
	case tagMessage:
		r.Message = string(text)
	case tagVisit:
		err = decodeVisit(&r.Visit, text)
	case tagLast:
		j.Last = new(recrawl.Visit)
		err = decodeVisit(j.Last, text)
	default:
		err = fmt.Errorf("%w: no field has the tag %d", ErrCorrupt, tag)
	}
	return err
}

func urlAgainst(text []byte, base weburl.URL) (weburl.URL, error) {
	shared, n := binary.Uvarint(text)
	if n <= 0 || shared > uint64(len(base.String())) {
		return weburl.URL{}, fmt.Errorf("%w: a URL that continues %q is cut", ErrCorrupt, base)
	}
	return weburl.FromCanonical(base.String()[:shared] + string(text[n:])), nil
}
