package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Seeds are where a crawl begins, and the logins that were written into them.
type Seeds struct {
	URLs   []weburl.URL // each once
	Logins map[weburl.URL]Login
	known  map[weburl.URL]bool
}

// ErrNoSeed: an empty list must not look like a crawl that went well, as it
// would to a cron job whose input has failed.
var ErrNoSeed = errors.New("no seed: name a URL, or --input FILE, or pipe URLs to the standard input; trawl --help shows how")

// ReadSeeds takes seeds from the arguments and from --input; and from stdin
// when neither has any and it is piped.
func (s *Set) ReadSeeds(args []string, stdin *os.File) (Seeds, error) {
	seeds := Seeds{Logins: make(map[weburl.URL]Login), known: make(map[weburl.URL]bool)}
	for _, arg := range args {
		if err := seeds.addArg(arg, stdin); err != nil {
			return seeds, &UsageError{err}
		}
	}
	for _, name := range s.Reach.Inputs {
		if err := seeds.addFile(name, stdin); err != nil {
			return seeds, &UsageError{err}
		}
	}
	if len(args)+len(s.Reach.Inputs) == 0 && piped(stdin) {
		if err := seeds.addLines(stdin, "standard input"); err != nil {
			return seeds, &UsageError{err}
		}
	}
	if len(seeds.URLs) == 0 {
		return seeds, &UsageError{ErrNoSeed}
	}
	return seeds, nil
}

// piped tells whether somebody may have written to stdin for us: it is neither
// a terminal nor /dev/null, nor closed.
func piped(stdin *os.File) bool {
	info, err := stdin.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice == 0 && !info.IsDir()
}

func (s *Seeds) addArg(arg string, stdin *os.File) error {
	if arg == "-" {
		return s.addLines(stdin, "standard input")
	}
	err := s.add(arg)
	if info, statErr := os.Stat(arg); err != nil && statErr == nil && info.Mode().IsRegular() {
		return fmt.Errorf("%q: not a URL but a file: write --input %s to read seeds from it", arg, arg)
	}
	return err
}

func (s *Seeds) addFile(name string, stdin *os.File) error {
	if name == "-" {
		return s.addLines(stdin, "standard input")
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("--input %q: %w", name, FileError(err))
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("--input %q: is a directory; want a file of URLs, one a line", name)
	}
	return s.addLines(file, name)
}

func (s *Seeds) addLines(r io.Reader, name string) error {
	return eachLine(r, name, func(line string) error {
		if strings.ContainsRune(line, 0) {
			return errors.New("not text in UTF-8; want URLs, one a line")
		}
		line = uncommented(line)
		if strings.ContainsRune(line, '\t') { // the URL standard would join what is on both sides
			return errors.New("a tab within the line; want URLs, one a line (cut -f1 keeps the first column)")
		}
		if strings.Contains(line, " http://") || strings.Contains(line, " https://") { // … and have the second be in the path of the first
			return errors.New("a second URL within the line; want URLs, one a line (tr ' ' '\\n' makes lines of them)")
		}
		return s.add(line)
	})
}

// uncommented is a line without the comment behind it. A # that no space
// precedes is the URL's own.
func uncommented(line string) string {
	if i := strings.IndexAny(line, " \t"); i >= 0 && strings.HasPrefix(strings.TrimLeft(line[i:], " \t"), "#") {
		return line[:i]
	}
	return line
}

func (s *Seeds) add(raw string) error {
	u, err := weburl.Parse(raw)
	if err != nil {
		return err
	}
	if name, password, ok := weburl.Userinfo(raw); ok {
		s.Logins[u] = Login{name, password}
	}
	if !s.known[u] {
		s.known[u] = true
		s.URLs = append(s.URLs, u)
	}
	return nil
}
