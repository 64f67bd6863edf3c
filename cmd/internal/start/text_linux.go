package start

import "syscall"

const populate = 22 // MADV_POPULATE_READ, since Linux 5.14

// text is the part of the address space that has the program's instructions:
// the first line of /proc/self/maps (proc(5)), or nothing in a program that the
// system may place anywhere (-buildmode=pie).
func text() (at, size uintptr) {
	maps, err := syscall.Open("/proc/self/maps", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return 0, 0
	}
	defer syscall.Close(maps)
	var head [64]byte
	n, _ := syscall.Read(maps, head[:])
	return executable(head[:max(n, 0)])
}

// executable reads a mapping as "00400000-00f34000 r-xp" has it, if what it
// holds may be executed.
func executable(line []byte) (at, size uintptr) {
	from, rest := number(line)
	to, rest := number(rest)
	if len(rest) < len("r-x") || rest[2] != 'x' {
		return 0, 0
	}
	return from, to - from
}

// number reads one in base 16, and drops what ends it: strconv would have this
// package wait for others.
func number(s []byte) (n uintptr, rest []byte) {
	for i, c := range s {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | uintptr(c-'0')
		case 'a' <= c && c <= 'f':
			n = n<<4 | uintptr(c-'a'+10)
		default:
			return n, s[i+1:]
		}
	}
	return n, nil
}
