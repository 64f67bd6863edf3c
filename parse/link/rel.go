package link

// Relations of a link (HTML §4.6.7, RFC 8288) that a crawl acts on.
const (
	relNoFollow = 1 << iota
	relPage     // next, prev
	relCanonical
	relAlternate
	relStylesheet
	relAsset // icon, manifest, preload …
)

// relations returns the known ones of a list of relations.
func relations(list []byte) (rel int) {
	for i := skipSpace(list, 0); i < len(list); i = skipSpace(list, i) {
		end := until(list, i, space)
		rel |= relation(list[i:end])
		i = end
	}
	return rel
}

func relation(name []byte) int {
	var buf [28]byte
	switch string(fold(buf[:], name)) {
	case "nofollow":
		return relNoFollow
	case "next", "prev", "previous":
		return relPage
	case "canonical":
		return relCanonical
	case "alternate":
		return relAlternate
	case "stylesheet":
		return relStylesheet
	case "icon", "mask-icon", "apple-touch-icon", "apple-touch-icon-precomposed",
		"apple-touch-startup-image", "manifest", "preload", "modulepreload":
		return relAsset
	}
	return 0
}

// relSources is where a link of each relation is from.
type relSources struct{ page, canonical, alternate, asset Source }

// of decides between several relations: an alternate style sheet is a style
// sheet, and what is navigation, too, is to be followed.
func (r relSources) of(rel int) (from Source, ok bool) {
	switch {
	case rel&relPage != 0:
		return r.page, true
	case rel&relCanonical != 0:
		return r.canonical, true
	case rel&relStylesheet != 0:
		return r.asset, true
	case rel&relAlternate != 0:
		return r.alternate, true
	}
	return r.asset, rel&relAsset != 0
}

// rel returns the relations of the tag last read.
func (s *Scanner) rel() int {
	list, ok := s.attr(attrRel)
	if !ok {
		return 0
	}
	return relations(list)
}

// linkElement takes what a <link> has.
func (s *Scanner) linkElement() {
	rel := s.rel()
	from, ok := relSources{LinkPage, LinkCanonical, LinkAlternate, LinkAsset}.of(rel)
	if !ok {
		return
	}
	if ref, _ := s.attr(attrHref); len(trim(ref)) > 0 {
		lang, _ := s.attr(attrHreflang)
		s.related(ref, rel, from, lang)
	}
	if rel&relAsset != 0 && s.opts.Assets {
		s.srcset(attrImagesrcset, LinkImagesrcset)
	}
}

// related takes a reference of some relation, from a <link> or a Link header.
func (s *Scanner) related(ref []byte, rel int, from Source, lang []byte) {
	d := &s.draft
	if rel&relCanonical != 0 && s.depth == 0 && d.canonical == (span{}) {
		at, ok := s.resolve(ref)
		if !ok {
			return
		}
		d.canonical = at
	}
	if from.Kind() == Asset && !s.opts.Assets {
		return
	}
	i := s.add(ref, from, rel&relNoFollow != 0)
	if i < 0 || from.Kind() != Alternate || len(trim(lang)) == 0 || s.depth > 0 {
		return
	}
	if len(d.hreflang) == maxHreflang {
		d.limited = true
		return
	}
	d.hreflang = append(d.hreflang, named{s.text(lang), s.links.found[i].url})
}
