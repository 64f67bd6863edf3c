package progress

import (
	"io"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"
)

// NewLog returns the logger of stderr: lines for a person, or JSON.
func NewLog(w io.Writer, format string, level slog.Level, color bool) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(tint.NewTextHandler(w, &tint.Options{
		Level:       level,
		TimeFormat:  time.TimeOnly,
		NoColor:     !color,
		ReplaceAttr: plainAttr,
	}))
}

// plainAttr keeps a server's words from steering the terminal.
func plainAttr(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(Plain(v.String()))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			a.Value = slog.StringValue(Plain(err.Error()))
		}
	}
	return a
}
