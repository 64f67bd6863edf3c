package link

// lengths has, for each letter, a bit for each length of the names that matter
// and begin with it. Most names of a page are none of these ("span", "class",
// "id"), and nearly all of them are known by that alone: it saves a tenth of the
// scan of an API reference, a twentieth where most tags are links (BenchmarkScan).
type lengths ['z' + 1]uint16

// may tells whether a name, which is not empty, can be one that matters.
func (l *lengths) may(name []byte) bool {
	const none = 15 // no name that matters has so many letters
	first := name[0] | 0x20
	return int(first) < len(l) && l[first]>>min(len(name), none)&1 != 0
}
