// Package disk is a frontier.Store in a directory: durable, resumable, and as
// large as the disk.
//
// The directory holds FORMAT (the version of all this, refused when it is not
// this one), LOCK and PID (who is at work in it), and store/, which is Pebble's.
// What its keys are is in key.go, what its values are in chunk.go and codec.go.
//
// # Why it is laid out so
//
// A key costs Pebble about a microsecond on its way down the levels, whatever
// its size, and a page brings three new links. So the two things that are large
// are written once, at the end of their space, a few dozen to a key: jobs as
// they are found, and skipped URLs. What is sorted in between older keys, and
// rewritten as it sinks, is small: that a job waits at its host (its key, and
// in which chunk it is), and what became of it. Nothing is written to find a
// URL by its text, since the crawl asks its own table of fingerprints; a person
// who asks for one waits for a walk through all of them.
//
// A layout with whole jobs by host and whole rows by URL was measured first: it
// took half as much CPU again and rewrote five times as many bytes.
//
// # What survives
//
// A batch is one Pebble batch: all of it or nothing. One that says what became
// of a job is synced before Commit returns. One of new jobs alone is not: it is
// durable with the next that is, and a link that is lost with it is found again,
// since its page is not done either.
//
// Pebble takes an error of its log for the end of the process. Here it is the
// end of the store (alarm.go): Commit returns it, and the directory stays locked
// until the process ends.
package disk
