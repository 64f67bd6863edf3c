package frontier

// HoldInMemory sets how many jobs of all hosts are in memory, about.
func (q *Queue) HoldInMemory(n int) { q.hosts.maxReady = n }

// InMemory is how many there are.
func (q *Queue) InMemory() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.hosts.ready
}

// Spare is for how many jobs there is room that are on their way to the store.
func (q *Queue) Spare() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return cap(q.ledger.batch.Put) + cap(q.ledger.spare.Put) + cap(q.ledger.sparePut)
}
