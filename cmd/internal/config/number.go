package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler/budget"
	"github.com/trawl-crawler/trawl/output/rotate"
)

// none is how the absence of a limit is written; 0 says the same.
const none = "none"

// orNone has "none" stand for zero: no limit.
func orNone[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		var zero T
		if s == none {
			return zero, nil
		}
		v, err := parse(s)
		if err != nil {
			return zero, fmt.Errorf("%w, or none", err)
		}
		return v, nil
	}
}

// orAuto has "auto" stand for zero: whoever gets the value knows better.
func orAuto[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		var zero T
		if s == "auto" {
			return zero, nil
		}
		v, err := parse(s)
		if err != nil {
			return zero, fmt.Errorf("%w, or auto", err)
		}
		return v, nil
	}
}

// smallSize reads a size that an int holds everywhere.
func smallSize(s string) (int, error) {
	n, err := positive(parseSize)(s)
	if err == nil && n > math.MaxInt32 {
		err = errors.New("want less than 2GiB")
	}
	return int(n), err
}

// whole reads a whole number from least to most.
func whole(least, most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		switch {
		case err == nil && least <= n && n <= most:
			return n, nil
		case most == math.MaxInt:
			return 0, fmt.Errorf("want a whole number of %d or more", least)
		}
		return 0, fmt.Errorf("want a whole number from %d to %d", least, most)
	}
}

// parseDepth reads a number of links, or inf as -1.
func parseDepth(s string) (int, error) {
	if s == "inf" {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, errors.New("want a number of links, 0 or more, or inf")
	}
	return n, nil
}

// parseDuration reads "1h30m", "200ms", "7d", "1d12h", or a plain number as
// seconds. A day is 24 hours.
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(inHours(s))
	if seconds, numErr := strconv.ParseFloat(s, 64); numErr == nil {
		d, err = time.Duration(seconds*float64(time.Second)), nil
		if math.IsNaN(seconds) || math.Abs(seconds) > math.MaxInt64/float64(time.Second) {
			d = -1
		}
	}
	if err != nil || d < 0 {
		return 0, errors.New("want a time such as 500ms, 30s, 1h30m or 7d (a plain number is seconds)")
	}
	return d, nil
}

// inHours writes the days at the start of a time as hours: time.ParseDuration
// does not know them.
func inHours(s string) string {
	days, rest, ok := strings.Cut(s, "d")
	n, err := strconv.ParseUint(days, 10, 16)
	if !ok || err != nil {
		return s
	}
	return strconv.FormatUint(n*24, 10) + "h" + rest
}

// positive refuses a zero where it would mean nothing.
func positive[T int64 | time.Duration](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		if err == nil && v == 0 {
			return 0, errors.New("want more than 0")
		}
		return v, err
	}
}

// parseRate reads "5", "5/s", "10/m", "1/h" or "1/min". 0 is no limit.
func parseRate(s string) (rate.Limit, error) {
	number, unit, slash := strings.Cut(s, "/")
	per, known := map[string]float64{"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600}[unit]
	if !slash {
		per, known = 1, true
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !known || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, errors.New("want requests a second, minute or hour, such as 5/s, 10/m or 1/h (0: no limit)")
	}
	return rate.Limit(n / per), nil
}

// parseSize reads bytes as GNU tools do: k, M, G or KiB, MiB, GiB are powers
// of 1024; kB, MB, GB of 1000. Case does not matter.
func parseSize(s string) (int64, error) {
	digits := strings.TrimRight(s, "bBiIkKmMgGtT")
	unit := strings.ToLower(strings.TrimSpace(s[len(digits):]))
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	scale, known := unitScale(unit)
	if err != nil || !known || n < 0 || n*scale >= math.MaxInt64 || math.IsNaN(n) {
		return 0, errors.New("want a size such as 500k, 10MiB or 2GB")
	}
	return int64(n * scale), nil
}

// parseMemory reads a size that a crawl can do with.
func parseMemory(s string) (int64, error) {
	n, err := parseSize(s)
	if err == nil && n < budget.Least {
		err = fmt.Errorf("want %d MiB or more", budget.Least>>20)
	}
	return n, err
}

func unitScale(unit string) (float64, bool) {
	if unit == "" || unit == "b" {
		return 1, true
	}
	power := strings.IndexByte("kmgt", unit[0]) + 1
	switch unit[1:] {
	case "", "ib":
		return math.Pow(1024, float64(power)), power > 0
	case "b":
		return math.Pow(1000, float64(power)), power > 0
	}
	return 0, false
}

// parseFailOn reads none, seeds, any or rate:N%, and fill:FIELD<N% any number
// of times, with commas between them. With fill alone, seeds holds as well.
func parseFailOn(s string) (FailOn, error) {
	on := FailOn{}
	for part := range strings.SplitSeq(s, ",") {
		if strings.HasPrefix(part, "fill") {
			limit, err := parseFill(part)
			if err != nil {
				return FailOn{}, err
			}
			on.Fill = append(on.Fill, limit)
			continue
		}
		kind, share, err := parseFailKind(part)
		if err == nil && on.Kind != "" {
			err = fmt.Errorf("want one of %s and %s: they contradict each other", on.Kind, kind)
		}
		if err != nil {
			return FailOn{}, err
		}
		on.Kind, on.Share = kind, share
	}
	on.Kind = cmp.Or(on.Kind, "seeds")
	return on, nil
}

func parseFailKind(s string) (kind string, share float64, err error) {
	allowed := []string{"none", "seeds", "any", "rate:N%", "fill:FIELD<N%"}
	if slices.Contains(allowed[:3], s) {
		return s, 0, nil
	}
	digits, isRate := strings.CutPrefix(s, "rate:")
	if !isRate && s != "rate" {
		return "", 0, errors.New(wantWord(s, allowed))
	}
	if share, err = percent(digits); err != nil {
		return "", 0, errors.New("want rate:N%, N from 0 to 100")
	}
	return "rate", share, nil
}

// percent reads "90%" or "90" as 0.9.
func percent(s string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !(n >= 0 && n <= 100) {
		return 0, errors.New("want N%, N from 0 to 100")
	}
	return n / 100, nil
}

// parseRotate reads a time or a size: 1m is a minute, 1M a mebibyte.
func parseRotate(s string) (rotate.When, error) {
	if d, err := time.ParseDuration(inHours(s)); err == nil && d > 0 {
		return rotate.When{Every: d}, nil
	}
	if n, err := parseSize(s); err == nil && n > 0 {
		return rotate.When{Size: n}, nil
	}
	return rotate.When{}, errors.New("want a time such as 1h, or a size such as 100MB")
}
