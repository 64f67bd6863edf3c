// Package disk is a frontier.Store in a directory: durable, resumable, and as
// large as the disk.
//
// The directory holds FORMAT (the version of all this: an older one is read, a
// newer one refused), LOCK and PID (who is at work in it), and store/, which is Pebble's.
// What its keys are is in key.go, what its values are in chunk.go and codec.go.
//
// # Why it is laid out so
//
// A key that is sorted in between others costs Pebble some microseconds on its
// way down the levels, whatever its size, and more of them as the store grows;
// a page brings three new links. So what is large is written once, at the end of
// its space, a few dozen to a key (chunk.go): jobs as they are found, outcomes as
// they come (ends.go), and skipped URLs. That a job waits is not written at all:
// it waits while it has no outcome, and the order of what waits at each host is
// kept in memory (queues.go), at five bytes a URL, where the crawl's table of
// fingerprints takes twice that. Nothing is written to find a URL by its text
// either, since the crawl asks that table; a person who asks for one waits for a
// walk through all of them.
//
// Measured before it, for 33 links a page of which 3.3 are new: whole jobs by
// host and whole rows by URL took nearly twice the CPU at a million URLs; chunks
// of jobs and a key for each that waits took half as much again, and nearly
// three times as much at ten million. A key for each outcome, which was format 1,
// spent more on merging them than on all else in the background.
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
