package frontier

// A turn says when something may happen next: a host be asked, a job be tried
// again.
type turn struct {
	at int64 // by Queue.clock
	id uint32
}

// turns is a heap of them by time. Four children a node and values of 16
// bytes, since container/heap with pointers costs four times as much at
// 100,000 hosts.
type turns []turn

func (h *turns) push(t turn) {
	*h = append(*h, t)
	s := *h
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if s[parent].at <= t.at {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = t
}

// pop removes and returns the earliest turn. The heap is not empty.
func (h *turns) pop() turn {
	s := *h
	top, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	if len(s) == 0 {
		return top
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= len(s) {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, len(s)); c++ {
			if s[c].at < s[least].at {
				least = c
			}
		}
		if last.at <= s[least].at {
			break
		}
		s[i] = s[least]
		i = least
	}
	s[i] = last
	return top
}
