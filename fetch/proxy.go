package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// proxyFunc tells through which proxy a request goes; nil is none.
type proxyFunc = func(*http.Request) (*url.URL, error)

// throughProxy is the key of a context whose connection goes to a proxy.
type throughProxy struct{}

// parseProxy reads Options.Proxy.
func parseProxy(text string) (proxyFunc, error) {
	switch text {
	case "":
		return http.ProxyFromEnvironment, nil
	case "none":
		return func(*http.Request) (*url.URL, error) { return nil, nil }, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		var why *url.Error
		if errors.As(err, &why) {
			err = why.Err // without the URL, which may have a password in it
		}
		return nil, fmt.Errorf("proxy: not a URL: %w", err)
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return nil, fmt.Errorf("proxy %q: want http://, https://, socks5:// or socks5h:// and a host, or none", u.Redacted())
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("proxy %q: no host", u.Redacted())
	}
	return http.ProxyURL(u), nil
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
