package fetch

import "sort"

// Descriptors that are not exchanges: the output, a store's files, lookups.
const otherDescriptors = 256

// idleConnections is how many connections of either version of HTTP are kept
// that nobody uses. More hosts wait for their turn than are being asked, and
// each keeps its connection meanwhile; beyond 4,096 exchanges there are a
// quarter as many.
func idleConnections(concurrency int) int { return max(concurrency/4, min(4*concurrency, 1024)) }

// readAhead is how many bytes of a response are read at once. A small page is
// there with one system call then, not two, which saves 3 % of the CPU of one of
// 10 KiB; but a connection holds as many while it waits. So all together hold no
// more than 8 MiB, down to 2 KiB each: of 10,000 slow exchanges one costs 19 KiB
// in all (BenchmarkLoad in cmd/trawl).
func readAhead(concurrency int) int {
	const all, least, most = 8 << 20, 2 << 10, 16 << 10
	return min(max(all/(concurrency+idleConnections(concurrency)), least), most)
}

// FitDescriptors tells how many of want exchanges at a time the process may
// have, one at the least, after it has raised its limit of file descriptors
// as far as it may. An exchange takes one, and the connections of either version
// of HTTP that are kept beside them one each. Where there is no such limit all of
// them fit.
//
// Its error says why the limit could not be read or raised; fit goes by what
// is known all the same.
func FitDescriptors(want int) (fit int, err error) {
	limit, err := raiseDescriptors(descriptorsFor(want))
	return fitDescriptors(want, limit), err
}

func descriptorsFor(concurrency int) uint64 {
	return uint64(concurrency + 2*idleConnections(concurrency) + otherDescriptors)
}

// fitDescriptors is the largest concurrency, up to want, for which limit is enough.
func fitDescriptors(want int, limit uint64) int {
	tooMany := sort.Search(want, func(i int) bool { return descriptorsFor(i+1) > limit })
	return max(tooMany, min(want, 1))
}
