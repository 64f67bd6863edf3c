package zoo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// An authority signs the certificates of one zoo. Its keys live as long as the
// zoo does and are written nowhere.
type authority struct {
	host         string
	root         *signer
	intermediate *signer
	stranger     *signer // an authority that nobody trusts
	key          *ecdsa.PrivateKey
	leaves       map[leaf]tls.Certificate
}

// leaf is a kind of server certificate.
type leaf int

const (
	goodLeaf leaf = iota
	expiredLeaf
	futureLeaf
	otherHostLeaf
	selfSignedLeaf
	strangersLeaf
	shortChainLeaf // by the intermediate, which is not sent along
	leafKinds
)

type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

const day = 24 * time.Hour

func newAuthority(host string) (*authority, error) {
	a := &authority{host: host, leaves: make(map[leaf]tls.Certificate)}
	var err error
	if a.root, err = newSigner("trawl testsite root", nil); err != nil {
		return nil, err
	}
	if a.intermediate, err = newSigner("trawl testsite intermediate", a.root); err != nil {
		return nil, err
	}
	if a.stranger, err = newSigner("a stranger", nil); err != nil {
		return nil, err
	}
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	for kind := range leafKinds {
		if a.leaves[kind], err = a.issue(kind); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// newSigner makes an authority, signed by itself or by another.
func newSigner(name string, by *signer) (*signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate(name)
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	if by == nil {
		by = &signer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &key.PublicKey, by.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &signer{cert, key}, err
}

func certificate(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-day),
		NotAfter:     now.Add(365 * day),
	}
}

// issue makes the certificate of a kind.
func (a *authority) issue(kind leaf) (tls.Certificate, error) {
	template := certificate("trawl testsite")
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.IPAddresses = []net.IP{net.ParseIP(a.host)}
	by := a.root
	switch kind {
	case expiredLeaf:
		template.NotBefore, template.NotAfter = template.NotBefore.Add(-9*day), template.NotBefore.Add(-day)
	case futureLeaf:
		template.NotBefore = template.NotBefore.Add(9 * day)
	case otherHostLeaf:
		template.IPAddresses, template.DNSNames = nil, []string{"example.com"}
	case selfSignedLeaf:
		by = &signer{template, a.key}
	case strangersLeaf:
		by = a.stranger
	case shortChainLeaf:
		by = a.intermediate
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &a.key.PublicKey, by.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}, err
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root.cert)
	return pool
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.cert.Raw})
}

// good is what a server without fault has.
func (a *authority) good() *tls.Config { return a.config(goodLeaf) }

func (a *authority) config(kind leaf) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{a.leaves[kind]}}
}

// showing is config for the table of cases.
func showing(kind leaf) func(*authority) *tls.Config {
	return func(a *authority) *tls.Config { return a.config(kind) }
}

// only is a good certificate on one version of TLS.
func only(version uint16) func(*authority) *tls.Config {
	return func(a *authority) *tls.Config {
		c := a.good()
		c.MinVersion, c.MaxVersion = version, version
		return c
	}
}
