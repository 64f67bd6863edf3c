package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxyFunc tells through which proxy a request goes; nil is none.
type proxyFunc = func(*http.Request) (*url.URL, error)

// throughProxy is the key of a context whose connection goes to a proxy.
type throughProxy struct{}

// parseProxy reads Options.Proxy. It tells whether TLS may be spoken to a proxy.
func parseProxy(text string) (of proxyFunc, overTLS bool, err error) {
	switch text {
	case "":
		return environmentProxy()
	case "none":
		return func(*http.Request) (*url.URL, error) { return nil, nil }, false, nil
	}
	u, err := proxyURL("proxy", text)
	if err != nil {
		return nil, false, err
	}
	return http.ProxyURL(u), u.Scheme == "https", nil
}

// environmentProxy goes by HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Unlike
// http.ProxyFromEnvironment it does not pass over a proxy that it cannot read:
// what the user wants to go through it would go past it.
func environmentProxy() (of proxyFunc, overTLS bool, err error) {
	env := httpproxy.FromEnvironment()
	for name, text := range map[string]*string{"HTTP_PROXY": &env.HTTPProxy, "HTTPS_PROXY": &env.HTTPSProxy} {
		if *text == "" {
			continue
		}
		if !strings.Contains(*text, "://") {
			*text = "http://" + *text
		}
		u, err := proxyURL(name, *text)
		if err != nil {
			return nil, false, err
		}
		overTLS = overTLS || u.Scheme == "https"
	}
	ofURL := env.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return ofURL(r.URL) }, overTLS, nil
}

// proxyURL reads the URL of a proxy. Its error does not quote what is no URL,
// for a password may be anywhere in it.
func proxyURL(name, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: not a URL, or one with a bad port or escape: want one such as http://user:password@host:3128", name)
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return nil, fmt.Errorf("%s %q: want http://, https://, socks5:// or socks5h:// and a host", name, u.Redacted())
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%s %q: no host", name, u.Redacted())
	}
	return u, nil
}

func isSOCKS(proxy *url.URL) bool { return proxy.Scheme == "socks5" || proxy.Scheme == "socks5h" }

// refusedByProxy says what a proxy answered when it would not open a tunnel.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &plainError{KindProxy, fmt.Sprintf("proxy %s wants a user and password", proxy.Host), nil}
	}
	return &plainError{KindProxy, fmt.Sprintf("proxy %s: %s", proxy.Host, resp.Status), nil}
}
