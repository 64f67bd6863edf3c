package fetch_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
)

// A session of TLS is resumed, but of a server that sends certificates without end,
// which a session keeps.
func TestLargeSessionsAreNotKept(t *testing.T) {
	for size, resumed := range map[int]bool{1 << 10: true, 128 << 10: false} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.TLS.DidResume) }))
		s.Config.SetKeepAlivesEnabled(false)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{chainOf(t, size)}}
		s.StartTLS()
		t.Cleanup(s.Close)
		c := newClient(t, fetch.Options{Insecure: true})
		get(t, c, s.URL)
		if got := string(get(t, c, s.URL).Body); got != fmt.Sprint(resumed) {
			t.Errorf("with a certificate of %d bytes the session is resumed: %s, want %v", size, got, resumed)
		}
	}
}

// chainOf is a certificate that has one of so many bytes behind it, for nothing.
func chainOf(t *testing.T, size int) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	chain := tls.Certificate{PrivateKey: key}
	for _, n := range []int{1, size} {
		template := &x509.Certificate{
			SerialNumber:    big.NewInt(int64(n)),
			NotAfter:        time.Now().Add(time.Hour), // no session outlives it
			ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Value: make([]byte, n)}},
		}
		cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		chain.Certificate = append(chain.Certificate, cert)
	}
	return chain
}
