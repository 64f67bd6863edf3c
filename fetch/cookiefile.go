package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list gives the cookies that the rules hold, in the order of their keys:
// of those noted, some were refused, replaced by another host or expired.
func (j *Jar) list() []savedCookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var held []savedCookie
	for _, mine := range j.hosts {
		for _, s := range mine {
			if j.holds(s) {
				held = append(held, s)
			}
		}
	}
	slices.SortFunc(held, func(a, b savedCookie) int {
		return strings.Compare(a.domain+"\t"+a.path+"\t"+a.name, b.domain+"\t"+b.path+"\t"+b.name)
	})
	return slices.CompactFunc(held, func(a, b savedCookie) bool { return a.cookieKey == b.cookieKey })
}

func (j *Jar) holds(s savedCookie) bool {
	for _, c := range j.rules.Cookies(jarURL("https", bracketed(s.domain), s.path)) {
		if c.Name == s.name && c.Value == s.value {
			return true
		}
	}
	return false
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

const cookieFileHead = "# Netscape HTTP Cookie File\n# domain, subdomains too, path, https only, expires (Unix; 0 with the session), name, value\n\n"

// Save writes the jar to a file in Netscape's format, which curl and wget
// read. Only its owner can read the file; it is replaced at once or not at all.
// A link stays one, and so does a device, which is written to: nothing takes
// the place of /dev/null.
func (j *Jar) Save(path string) error {
	err := func() error {
		to, isFile := jarFile(path)
		if isFile {
			return j.replace(to)
		}
		f, err := os.OpenFile(to, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString(j.text())
		return errors.Join(err, f.Close())
	}()
	if err != nil {
		return fmt.Errorf("save cookies to %q: %w", path, err)
	}
	return nil
}

// jarFile is the file that a name leads to, there or not, or what is none.
func jarFile(path string) (to string, isFile bool) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return path, false
	}
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to, true
	}
	return path, true
}

// replace puts a file of the jar where path says.
func (j *Jar) replace(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".cookies-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(j.text())
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// text is what the jar's file holds.
func (j *Jar) text() string {
	var b strings.Builder
	b.WriteString(cookieFileHead)
	for _, s := range j.list() {
		b.WriteString(s.line())
	}
	return b.String()
}

// CanSave tells whether Save could write to a file, while there is nothing to
// lose yet.
func CanSave(path string) error {
	to, isFile := jarFile(path)
	if !isFile {
		f, err := os.OpenFile(to, os.O_WRONLY, 0)
		if err != nil {
			return withoutPath(err)
		}
		return f.Close()
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".cookies-*")
	if err != nil {
		return withoutPath(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// withoutPath is an error of package os without the name, which who calls
// knows better.
func withoutPath(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

func (s savedCookie) line() string {
	domain, expires := s.domain, int64(0)
	if s.subdomains {
		domain = "." + domain
	}
	if s.httpOnly {
		domain = httpOnlyMark + domain
	}
	if !s.expires.IsZero() {
		expires = s.expires.Unix()
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s\t%s\n", domain, yes(s.subdomains), s.path, yes(s.secure), expires, s.name, s.value)
}

const httpOnlyMark = "#HttpOnly_"

func yes(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

// LoadJar reads a cookie file in Netscape's format. No file is an empty jar:
// it is to be written.
func LoadJar(path string) (*Jar, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return NewJar(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("load cookies: %w", withoutPath(err))
	}
	defer file.Close()
	j := NewJar()
	return j, j.read(path, file)
}

// read takes in the cookies of a file. They may be more of a host than it could
// set: the file is the user's own.
func (j *Jar) read(path string, from io.Reader) error {
	j.setMax(maxCookies)
	defer j.setMax(maxCookiesHost)
	now := time.Now()
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		line, httpOnly := strings.CutPrefix(text, httpOnlyMark)
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, err := parseCookieLine(line)
		if err != nil {
			return fmt.Errorf("load cookies: %s:%d: %w", path, n, err)
		}
		s.httpOnly = httpOnly
		if !j.add(s, now) {
			return fmt.Errorf("load cookies: %s:%d: a cookie of more than %d bytes, or more than %d cookies", path, n, maxCookieBytes, maxCookies)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("load cookies: %s: a line of more than %d bytes is none of a cookie file", path, bufio.MaxScanTokenSize)
	case err != nil:
		return fmt.Errorf("load cookies: %w", withoutPath(err))
	}
	return nil
}

func parseCookieLine(line string) (savedCookie, error) {
	f := strings.Split(strings.TrimRight(line, "\r"), "\t")
	if len(f) == 6 {
		f = append(f, "") // an empty value at the end of a line that an editor trimmed
	}
	if len(f) != 7 {
		return savedCookie{}, fmt.Errorf("%d fields between tabs, want 7 (Netscape cookie file)", len(f))
	}
	unix, err := strconv.ParseInt(f[4], 10, 64)
	if err != nil {
		return savedCookie{}, fmt.Errorf("expires %.40q: want Unix seconds, or 0", f[4])
	}
	s := savedCookie{
		cookieKey:  cookieKey{domain: strings.TrimPrefix(f[0], "."), path: f[2], name: f[5]},
		value:      f[6],
		subdomains: strings.EqualFold(f[1], "TRUE"),
		secure:     strings.EqualFold(f[3], "TRUE"),
	}
	if unix > 0 {
		s.expires = time.Unix(unix, 0)
	}
	return s, nil
}

// add puts a cookie of a file into the jar, as if its own host had set it,
// unless it has expired. It tells whether there was room.
func (j *Jar) add(s savedCookie, now time.Time) bool {
	c := &http.Cookie{Name: s.name, Value: s.value, Path: s.path, Expires: s.expires, Secure: s.secure, HttpOnly: s.httpOnly}
	if s.subdomains {
		c.Domain = s.domain
	}
	return s.gone(now) || j.set(jarURL("https", bracketed(s.domain), s.path), []*http.Cookie{c}, now) == 0
}
