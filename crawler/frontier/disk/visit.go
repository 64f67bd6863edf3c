package disk

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

// The tags of a Visit's fields, as those of codec.go.
const (
	visitETag     = 1<<1 | 1
	visitModified = 2<<1 | 1

	visitAt        = 1 << 1
	visitChangedAt = 2 << 1
	visitInterval  = 3 << 1
	visitStatus    = 4 << 1
	visitFails     = 5 << 1
	visitGone      = 6 << 1
	visitBody      = 7 << 1
	visitText      = 8 << 1
	visitSince     = 9 << 1
	visitData      = 10 << 1
	visitPlan      = 11 << 1
)

func putVisit(dst []byte, tag byte, v *recrawl.Visit) []byte {
	b := make([]byte, 0, 128)
	b = putTime(b, visitAt, v.At)
	b = putTime(b, visitChangedAt, v.ChangedAt)
	b = putTime(b, visitSince, v.Since)
	b = putInt(b, visitInterval, uint64(v.Interval))
	b = putInt(b, visitStatus, uint64(v.Status))
	b = putInt(b, visitFails, uint64(v.Fails))
	if v.Gone {
		b = putInt(b, visitGone, 1)
	}
	b = putText(b, visitETag, v.ETag)
	b = putText(b, visitModified, v.LastModified)
	b = putInt(b, visitBody, v.Body)
	b = putInt(b, visitText, v.Text)
	b = putInt(b, visitData, v.Data)
	b = putInt(b, visitPlan, uint64(v.Plan))
	dst = binary.AppendUvarint(append(dst, tag), uint64(len(b)))
	return append(dst, b...)
}

func decodeVisit(visit *recrawl.Visit, b []byte) error {
	for f := fields(b); len(f) > 0; {
		tag, v, text, err := f.next()
		if err != nil {
			return err
		}
		switch tag {
		case visitAt:
			visit.At = timeAt(v)
		case visitChangedAt:
			visit.ChangedAt = timeAt(v)
		case visitSince:
			visit.Since = timeAt(v)
		case visitInterval:
			visit.Interval = time.Duration(v)
		case visitStatus:
			visit.Status = int(v)
		case visitFails:
			visit.Fails = int(v)
		case visitGone:
			visit.Gone = true
		case visitETag:
			visit.ETag = string(text)
		case visitModified:
			visit.LastModified = string(text)
		case visitBody:
			visit.Body = v
		case visitText:
			visit.Text = v
		case visitData:
			visit.Data = v
		case visitPlan:
			visit.Plan = uint32(v)
		default:
			return fmt.Errorf("%w: no field of a visit has the tag %d", ErrCorrupt, tag)
		}
	}
	return nil
}

// timeAt is the inverse of putTime.
func timeAt(v uint64) time.Time { return time.Unix(0, int64(v)).UTC() }
