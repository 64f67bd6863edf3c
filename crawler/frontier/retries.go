package frontier

// retries are the jobs that wait for another try. They are few, and wait by
// their own clocks while the rest of their host goes on.
type retries struct {
	turns turns
	jobs  map[uint32]Job
	last  uint32
}

func (r *retries) add(at int64, j Job) {
	if r.jobs == nil {
		r.jobs = make(map[uint32]Job)
	}
	r.last++
	r.jobs[r.last] = j
	r.turns.push(turn{at: at, id: r.last})
}

// due removes and returns one whose wait is over.
func (r *retries) due(now int64) (Job, bool) {
	if len(r.turns) == 0 || r.turns[0].at > now {
		return Job{}, false
	}
	id := r.turns.pop().id
	j := r.jobs[id]
	delete(r.jobs, id)
	return j, true
}
