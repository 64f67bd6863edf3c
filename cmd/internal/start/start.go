// Package start has a process begin with memory at hand. To import it is all:
//
//	import _ "github.com/trawl-crawler/trawl/cmd/internal/start"
//
// What trawl imports takes some 1.6 MiB before main runs, tables and compiled
// expressions, and gets them from the system a page of 4 KiB at a time, by a
// fault each. On a virtual machine where that is 13 µs a fault it was a quarter of
// the time that `trawl version` takes. What of it fits into huge pages is a fault or two.
//
// The same goes for the program's own instructions, 11 MiB of which a start needs
// some in most places: they are mapped at once, 64 KiB by a fault otherwise. That is
// a seventh of the time, and makes a small crawl 3 MiB larger to look at.
//
// This is the one init function of the repository, since it has to come before
// the others. Packages are initialised in the order of their import paths, each
// after those that it imports (Go specification, Program initialization): this
// one, which imports next to nothing, is before any that needs os or fmt.
package start
