package zoo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Observed is what a crawler recorded of one URL: fields of its record by the
// same names.
type Observed struct {
	URL        string
	Seed       string // the seed that the way there began at; "" if that is not known
	Outcome    string // fetched, failed or skipped
	Status     int
	ErrorKind  string
	SkipRule   string
	RedirectTo string
	Title      string
	Charset    string
	Truncated  bool
	Limits     []string
	Bytes      int64 // decoded
	Links      int
}

// String is the record in a line of an error.
func (o Observed) String() string {
	text := fmt.Sprintf("%.200s: %s", o.URL, o.Outcome)
	switch o.Outcome {
	case "failed":
		return text + " " + o.ErrorKind
	case "skipped":
		return text + " " + o.SkipRule
	}
	text = fmt.Sprintf("%s %d, %d bytes", text, o.Status, o.Bytes)
	if o.Truncated {
		text += ", truncated"
	}
	if o.RedirectTo != "" {
		text += fmt.Sprintf(", redirects to %.200s", o.RedirectTo)
	}
	if o.Title != "" {
		text += fmt.Sprintf(", title %.100q", o.Title)
	}
	if o.Charset != "" {
		text += ", charset " + o.Charset
	}
	return text
}

// Check judges what a crawl recorded, and which requests the zoo got, by what
// is wanted of a case. Records of a known seed that is another case's are
// passed over, so those of a crawl of many cases may be given whole. The error
// has a line for each thing that is wrong.
func (z *Zoo) Check(c Case, records []Observed) error {
	s := z.sites[c.Name]
	if s == nil {
		return fmt.Errorf("no case is named %q", c.Name)
	}
	byURL, errs := index(s, c.Back, records)
	for _, seed := range z.Seeds(c.Name) {
		if _, ok := byURL[seed]; !ok {
			errs = append(errs, fmt.Errorf("%s: no record of this seed", seed))
		}
	}
	for _, w := range c.Want {
		errs = append(errs, s.judge(w, byURL))
	}
	fetches, faults := s.seen()
	if c.MaxFetches > 0 && fetches > c.MaxFetches {
		errs = append(errs, fmt.Errorf("%d requests, want at most %d", fetches, c.MaxFetches))
	}
	for _, fault := range faults {
		errs = append(errs, errors.New(fault))
	}
	return errors.Join(errs...)
}

// index finds the records of a site. A URL has one, whatever became of it; where
// redirects may come back, the last one counts.
func index(s *site, back bool, records []Observed) (byURL map[string]Observed, errs []error) {
	seeds := s.zoo.Seeds(s.name)
	byURL = make(map[string]Observed)
	for _, o := range records {
		if o.Seed != "" && !slices.Contains(seeds, o.Seed) {
			continue
		}
		if first, twice := byURL[o.URL]; twice && (!back || first.RedirectTo == "") {
			errs = append(errs, fmt.Errorf("%s: recorded twice", o.URL))
		}
		byURL[o.URL] = o
	}
	return byURL, errs
}

// judge holds one want against the records.
func (s *site) judge(w Want, byURL map[string]Observed) error {
	if w.URL == "*" {
		for _, o := range byURL {
			if len(s.wrong(w, o)) == 0 {
				return nil
			}
		}
		return fmt.Errorf("of %d records, none is as wanted: %s", len(byURL), w)
	}
	o, ok := byURL[s.expand(w.URL)]
	switch {
	case !ok && w.Optional:
		return nil
	case !ok:
		return fmt.Errorf("%s: no record, want %s", s.expand(w.URL), w)
	}
	if wrong := s.wrong(w, o); len(wrong) > 0 {
		return fmt.Errorf("%s; want %s", o, strings.Join(wrong, ", "))
	}
	return nil
}

// wrong lists how a record is not as wanted.
func (s *site) wrong(w Want, o Observed) (list []string) {
	want := func(ok bool, format string, args ...any) {
		if !ok {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	want(among(o.Outcome, w.Outcome), "%s", join(w.Outcome))
	switch o.Outcome {
	case "failed":
		want(among(o.ErrorKind, w.ErrorKind), "error %s", join(w.ErrorKind))
		return list
	case "skipped":
		want(among(o.SkipRule, w.SkipRule), "rule %s", join(w.SkipRule))
		return list
	}
	want(among(o.Status, w.Status), "status %s", join(w.Status))
	want(is(o.Title, w.Title), "title %q", w.Title)
	want(w.Charset == "" || o.Charset == w.Charset, "charset %s", w.Charset)
	want(!w.Truncated || o.Truncated, "it truncated")
	want(len(w.Over) == 0 || o.ErrorKind == "too_large" && slices.ContainsFunc(o.Limits, func(bound string) bool { return among(bound, w.Over) }),
		"error too_large and limits %s instead of %q", join(w.Over), o.Limits)
	want(o.Links >= w.MinLinks, "at least %d links instead of %d", w.MinLinks, o.Links)
	want(w.MaxBytes == 0 || o.Bytes <= w.MaxBytes, "at most %d bytes", w.MaxBytes)
	want(w.MaxTitle == 0 || len(o.Title) <= w.MaxTitle, "a title of at most %d bytes instead of %d", w.MaxTitle, len(o.Title))
	target := w.RedirectTo
	if target != "" && target != "-" {
		target = s.expand(target)
	}
	want(is(o.RedirectTo, target), "a redirect to %q", target)
	return list
}

// among tells whether v is in a list; the empty list is everything.
func among[T comparable](v T, list []T) bool { return len(list) == 0 || slices.Contains(list, v) }

// is tells whether text is as wanted: "" is anything, "-" nothing.
func is(text, want string) bool { return want == "" || text == want || want == "-" && text == "" }
