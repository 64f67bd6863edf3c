package fetch

import "crypto/tls"

// sessions keeps those of TLS that are not large. A session has all certificates
// that its server sent, which may be 256 KiB, and its ticket, 64 KiB.
type sessions struct{ tls.ClientSessionCache }

// maxSession is several times what one takes as a rule.
const maxSession = 64 << 10

// Put makes sessions a tls.ClientSessionCache.
func (s sessions) Put(server string, session *tls.ClientSessionState) {
	if sizeOf(session) > maxSession {
		session = nil // which has the one before forgotten
	}
	s.ClientSessionCache.Put(server, session)
}

func sizeOf(session *tls.ClientSessionState) int {
	ticket, state, err := session.ResumptionState()
	if err != nil || state == nil {
		return 0
	}
	rest, _ := state.Bytes() // of one that cannot be written the ticket counts
	return len(ticket) + len(rest)
}
