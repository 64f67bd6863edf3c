package link

// An element that means something to a scan.
type element uint8

const (
	other element = iota // of no interest

	// Those that only have assets.
	elAudio
	elBody
	elEmbed
	elImg
	elInput
	elObject
	elSource
	elTrack
	elVideo

	// Those that have more, or a text of their own kind.
	elA
	elArea
	elBase
	elDesc
	elForeignObject
	elFrame
	elHTML
	elIframe
	elImage
	elLink
	elMath
	elMathText // mi, mo, mn, ms, mtext
	elMeta
	elNoembed
	elNoframes
	elPlaintext
	elScript
	elStyle
	elSVG
	elTextarea
	elTitle
	elUse
	elXMP
)

// dull tells whether nothing in such a tag is wanted. With assets, any element
// may have a style attribute.
func (e element) dull(assets bool) bool { return !assets && e < elA }

// isRaw tells whether markup in the element is text.
func (e element) isRaw() bool {
	switch e {
	case elIframe, elNoembed, elNoframes, elPlaintext, elScript, elStyle, elTextarea, elTitle, elXMP:
		return true
	}
	return false
}

var elementLengths = lengths{
	'a': 1<<len("a") | 1<<len("area") | 1<<len("audio"),
	'b': 1<<len("base") | 1<<len("body"),
	'd': 1 << len("desc"),
	'e': 1 << len("embed"),
	'f': 1<<len("frame") | 1<<len("foreignobject"),
	'h': 1 << len("html"),
	'i': 1<<len("img") | 1<<len("image") | 1<<len("iframe"),
	'l': 1 << len("link"),
	'm': 1<<len("mi") | 1<<len("math") | 1<<len("mtext"),
	'n': 1<<len("noembed") | 1<<len("noframes"),
	'o': 1 << len("object"),
	'p': 1 << len("plaintext"),
	's': 1<<len("svg") | 1<<len("style") | 1<<len("script"),
	't': 1<<len("title") | 1<<len("textarea"),
	'u': 1 << len("use"),
	'v': 1 << len("video"),
	'x': 1 << len("xmp"),
}

func elementNamed(name []byte) element {
	if !elementLengths.may(name) {
		return other
	}
	var buf [13]byte
	switch string(fold(buf[:], name)) {
	case "a":
		return elA
	case "area":
		return elArea
	case "audio":
		return elAudio
	case "base":
		return elBase
	case "body":
		return elBody
	case "desc":
		return elDesc
	case "embed":
		return elEmbed
	case "foreignobject":
		return elForeignObject
	case "frame":
		return elFrame
	case "html":
		return elHTML
	case "iframe":
		return elIframe
	case "image":
		return elImage
	case "img":
		return elImg
	case "input":
		return elInput
	case "link":
		return elLink
	case "math":
		return elMath
	case "meta":
		return elMeta
	case "mi", "mn", "mo", "ms", "mtext":
		return elMathText
	case "noembed":
		return elNoembed
	case "noframes":
		return elNoframes
	case "object":
		return elObject
	case "plaintext":
		return elPlaintext
	case "script":
		return elScript
	case "source":
		return elSource
	case "style":
		return elStyle
	case "svg":
		return elSVG
	case "textarea":
		return elTextarea
	case "title":
		return elTitle
	case "track":
		return elTrack
	case "use":
		return elUse
	case "video":
		return elVideo
	case "xmp":
		return elXMP
	}
	return other
}

// element takes what a start tag has: s.tag was read from it.
func (s *Scanner) element(e element) {
	s.scratch = s.scratch[:0]
	switch e {
	case elA:
		s.anchor(AHref)
	case elArea:
		s.anchor(AreaHref)
	case elFrame:
		s.embedded(attrSrc, FrameSrc)
	case elHTML:
		s.language()
	case elLink:
		s.linkElement()
	case elMeta:
		s.meta()
	}
	if s.opts.Assets {
		s.assets(e)
	}
	if e == elIframe { // last: a srcdoc has tags of its own
		s.embedded(attrSrc, IframeSrc)
		s.srcdoc()
	}
}

// anchor takes the link of an <a> or <area>; only there an empty reference
// leads somewhere, to the page itself.
func (s *Scanner) anchor(from Source) {
	ref, ok := s.attr(attrHref)
	if !ok && s.frame.foreign.inside() {
		ref, ok = s.attr(attrXlinkHref)
	}
	if ok {
		s.add(ref, from, s.rel()&relNoFollow != 0)
	}
}

// embedded takes a reference that means nothing when it is empty.
func (s *Scanner) embedded(at attr, from Source) {
	if ref, _ := s.attr(at); len(trim(ref)) > 0 {
		s.add(ref, from, false)
	}
}

// assets takes what the element needs to be rendered.
func (s *Scanner) assets(e element) {
	switch e {
	case elAudio:
		s.embedded(attrSrc, AudioSrc)
	case elBody:
		s.embedded(attrBackground, BodyBackground)
	case elEmbed:
		s.embedded(attrSrc, EmbedSrc)
	case elImage:
		s.svgReference(ImageHref)
	case elImg:
		s.embedded(attrSrc, ImgSrc)
		s.srcset(attrSrcset, ImgSrcset)
	case elInput:
		if kind, _ := s.attr(attrType); equalFold(kind, "image") {
			s.embedded(attrSrc, InputSrc)
		}
	case elObject:
		s.embedded(attrData, ObjectData)
	case elScript:
		s.embedded(attrSrc, ScriptSrc)
	case elSource:
		s.embedded(attrSrc, SourceSrc)
		s.srcset(attrSrcset, SourceSrcset)
	case elTrack:
		s.embedded(attrSrc, TrackSrc)
	case elUse:
		s.svgReference(UseHref)
	case elVideo:
		s.embedded(attrSrc, VideoSrc)
		s.embedded(attrPoster, VideoPoster)
	}
	if css, ok := s.attr(attrStyle); ok {
		s.css(css, StyleAttr, StyleAttr)
	}
}

// svgReference takes href, or the older xlink:href when there is none.
func (s *Scanner) svgReference(from Source) {
	if _, ok := s.attr(attrHref); ok {
		s.embedded(attrHref, from)
		return
	}
	s.embedded(attrXlinkHref, from)
}

// maxDepth is how many srcdoc documents may be inside each other. Browsers
// show no more than that in practice, and each level costs one more pass.
const maxDepth = 3

// srcdoc scans the document in an iframe's srcdoc attribute: its links are
// links of this page, its metadata is not. Its base is that of the page until
// it has its own.
func (s *Scanner) srcdoc() {
	doc, ok := s.attr(attrSrcdoc)
	if !ok {
		return
	}
	if s.depth == maxDepth {
		s.draft.limited = true
		return
	}
	outer, scratch, opts := s.frame, s.scratch, s.opts
	s.frame, s.scratch = frame{base: outer.base}, nil // doc may be a piece of scratch
	s.opts.XHTML = false
	s.depth++
	s.html(doc)
	s.depth--
	s.frame, s.scratch, s.opts = outer, scratch, opts
	s.resolver.Reset(outer.base)
}
