package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/trace"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

// profile begins what --pprof and --trace ask for. The function that it
// returns ends both.
func profile(r *config.Report) (stop func(), _ error) {
	stopServing, err := servePprof(r.Pprof)
	if err != nil {
		return nil, &config.UsageError{Err: fmt.Errorf("--pprof %q: %w", r.Pprof, err)}
	}
	stopTracing, err := traceTo(r.Trace)
	if err != nil {
		stopServing()
		return nil, &config.UsageError{Err: fmt.Errorf("--trace %q: %w", r.Trace, config.FileError(err))}
	}
	return func() {
		stopTracing()
		stopServing()
	}, nil
}

// servePprof serves profiles on an address that config has found to be a
// loopback one: they show everything, seeds and credentials included.
func servePprof(addr string) (stop func(), _ error) {
	if addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: profiles()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener)
	}()
	return func() {
		server.Close()
		<-done
	}, nil
}

func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func traceTo(file string) (stop func(), _ error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := trace.Start(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		trace.Stop()
		f.Close()
	}, nil
}
