//go:build unix && !solaris && !aix

package jsonl_test

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
)

func TestTwoWriters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	first := open(t, name, jsonl.Options{})
	_, err := jsonl.Open(name, jsonl.Options{Mode: jsonl.Append})
	if err == nil || !strings.Contains(err.Error(), "another trawl is writing to it") {
		t.Errorf("a second writer: %v", err)
	}
	must(t, first.Close())
	must(t, open(t, name, jsonl.Options{Mode: jsonl.Append}).Close())
}

func TestFIFO(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fifo")
	must(t, syscall.Mkfifo(name, 0o600))
	lines, gone := make(chan string), make(chan error)
	go func() {
		r, err := os.Open(name)
		if err != nil {
			gone <- err
			return
		}
		line, err := bufio.NewReader(r).ReadString('\n')
		lines <- line // before anything was flushed or closed
		gone <- errors.Join(err, r.Close())
	}()
	s := open(t, name, jsonl.Options{})
	if err := s.Rewind(t.Context(), "1"); !errors.Is(err, output.ErrNoRewind) {
		t.Errorf("Rewind of a FIFO: %v", err)
	}
	must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
	if line := <-lines; line != `{"url":"http://a/","depth":0}`+"\n" {
		t.Errorf("the reader got %q", line)
	}
	must(t, <-gone)
	if err := s.Write(t.Context(), &output.Record{}); !errors.Is(err, output.ErrReaderGone) {
		t.Errorf("Write after the reader left: %v, want ErrReaderGone", err)
	}
	must(t, s.Close())
}

func TestDevices(t *testing.T) {
	s := open(t, os.DevNull, jsonl.Options{})
	must(t, s.Write(t.Context(), &output.Record{}))
	must(t, s.Close())

	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here: ", err)
	}
	s = open(t, "/dev/full", jsonl.Options{})
	if err := s.Write(t.Context(), &output.Record{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write to /dev/full: %v, want ENOSPC", err)
	}
	must(t, s.Close())
}
