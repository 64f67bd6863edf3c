// Package disk is a frontier.Store in a directory: durable, and as large as
// the disk.
package disk
