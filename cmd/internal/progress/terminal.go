package progress

import (
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// A Terminal keeps a status line below what is written to it. It is safe for
// concurrent use.
type Terminal struct {
	mu    sync.Mutex
	w     io.Writer
	width func() int
	line  string // what is drawn now
}

// erase goes to the line's start and clears it to its end.
const erase = "\r\x1b[K"

// NewTerminal draws on a file. One that is no terminal, or whose width is not
// known, gets 80 columns.
func NewTerminal(f *os.File) *Terminal {
	return &Terminal{w: f, width: func() int {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
		return 80
	}}
}

// Columns is how long a status line can be: one that fills the last column may
// wrap, and could not be erased then.
func (t *Terminal) Columns() int { return t.width() - 1 }

// Draw replaces the status line. One that is too long is cut.
func (t *Terminal) Draw(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line = cut(Plain(line), t.Columns())
	if line == t.line {
		return
	}
	t.line = line
	t.put(erase + line)
}

// Clear takes the status line away.
func (t *Terminal) Clear() { t.Draw("") }

// Write puts whole lines above the status line.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.line == "" {
		return t.w.Write(p)
	}
	var b strings.Builder
	b.WriteString(erase)
	b.Write(p)
	b.WriteString(t.line)
	t.put(b.String())
	return len(p), nil
}

// put writes at once. A terminal that takes nothing any more has nobody to be
// told of it.
func (t *Terminal) put(s string) { _, _ = io.WriteString(t.w, s) }

// cut keeps the first n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n, 0)])
}
