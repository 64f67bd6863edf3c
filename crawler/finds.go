package crawler

import (
	"context"
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// FindsNote is the key of the note that tells how many pages link to a URL: the
// [frontier.Finds] of its part.
//
// The notes are written at the end of a run and each once a minute before. What
// is counted after that is lost when the process is killed, so a count says "at
// least"; a URL that was found after that has one link.
func FindsNote(fingerprint uint64) string {
	return fmt.Sprintf("finds/%x", fingerprint%frontier.FindsParts)
}

// findsEvery is how often a part of the counts is kept, all in a minute: they
// are many in a large crawl, and nearly all of them have changed since.
const findsEvery = time.Minute / frontier.FindsParts

// finds is what of the counts is kept next.
type finds struct {
	part int
	at   time.Time
}

func (c *crawl) recallFinds(ctx context.Context) error {
	c.finds.at = time.Now()
	if c.Again.Notes == nil {
		return nil
	}
	for part := range uint64(frontier.FindsParts) {
		content, err := c.Again.Notes.Note(ctx, FindsNote(part))
		if err != nil {
			return fmt.Errorf("read how many pages link to each URL: %w", err)
		}
		c.queue.Recount(content)
	}
	return nil
}

// keepFinds has the next commit hold the parts of the counts whose time has
// come. What was found in the same commit and before is counted there.
func (c *crawl) keepFinds() {
	if c.Again.Notes == nil {
		return
	}
	due := time.Since(c.finds.at) / findsEvery
	c.finds.at = c.finds.at.Add(due * findsEvery)
	for range min(frontier.FindsParts, due) {
		c.keepPart(c.finds.part)
		c.finds.part = (c.finds.part + 1) % frontier.FindsParts
	}
}

// keepPart returns the size of what the next commit holds of a part.
func (c *crawl) keepPart(part int) int {
	content, changed := c.queue.Finds(part)
	if changed {
		c.queue.Keep(frontier.Note{Key: FindsNote(uint64(part)), Value: content})
	}
	return len(content)
}

// maxFinds bytes of counts are committed at once: at the end of a large crawl
// all of them would take as much memory as the set of its URLs.
const maxFinds = 8 << 20

// keepAllFinds has the last commits hold the counts.
func (c *crawl) keepAllFinds(ctx context.Context) error {
	if c.Again.Notes == nil {
		return nil
	}
	size := 0
	for part := range frontier.FindsParts {
		if size += c.keepPart(part); size < maxFinds {
			continue
		}
		if err := c.commit(ctx); err != nil {
			return err
		}
		size = 0
	}
	return nil
}
