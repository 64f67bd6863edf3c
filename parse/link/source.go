package link

// Kind is what a link is for.
type Kind uint8

const (
	// Page is navigation: what a reader or the page itself leads to.
	Page Kind = iota
	// Alternate is the same content in another language or format.
	Alternate
	// Canonical is the address that the page would rather be known by.
	Canonical
	// Asset is what a browser fetches to render the page.
	Asset
)

// String returns the name of the kind in lower case.
func (k Kind) String() string { return [...]string{"page", "alternate", "canonical", "asset"}[k] }

// Source is the place a link was found in: an element and its attribute.
type Source uint8

// The places links are found in.
const (
	AHref Source = iota
	AreaHref
	IframeSrc
	FrameSrc
	LinkPage // rel next or prev
	LinkAlternate
	LinkCanonical
	HeaderPage // a Link header field, rel next or prev
	HeaderAlternate
	HeaderCanonical

	LinkAsset // rel stylesheet, icon, manifest, preload …
	LinkImagesrcset
	HeaderAsset
	ImgSrc
	ImgSrcset
	SourceSrc
	SourceSrcset
	InputSrc
	VideoSrc
	VideoPoster
	AudioSrc
	TrackSrc
	EmbedSrc
	ObjectData
	ScriptSrc
	ImageHref // SVG
	UseHref   // SVG
	BodyBackground
	StyleText   // url() and @import in a style element
	StyleAttr   // url() in the style attribute of any element
	SheetURL    // url() in a style sheet
	SheetImport // @import in a style sheet
)

// sources describes each [Source].
var sources = [...]struct {
	element, attr string
	kind          Kind
}{
	AHref:           {"a", "href", Page},
	AreaHref:        {"area", "href", Page},
	IframeSrc:       {"iframe", "src", Page},
	FrameSrc:        {"frame", "src", Page},
	LinkPage:        {"link", "href", Page},
	LinkAlternate:   {"link", "href", Alternate},
	LinkCanonical:   {"link", "href", Canonical},
	HeaderPage:      {"header", "link", Page},
	HeaderAlternate: {"header", "link", Alternate},
	HeaderCanonical: {"header", "link", Canonical},
	LinkAsset:       {"link", "href", Asset},
	LinkImagesrcset: {"link", "imagesrcset", Asset},
	HeaderAsset:     {"header", "link", Asset},
	ImgSrc:          {"img", "src", Asset},
	ImgSrcset:       {"img", "srcset", Asset},
	SourceSrc:       {"source", "src", Asset},
	SourceSrcset:    {"source", "srcset", Asset},
	InputSrc:        {"input", "src", Asset},
	VideoSrc:        {"video", "src", Asset},
	VideoPoster:     {"video", "poster", Asset},
	AudioSrc:        {"audio", "src", Asset},
	TrackSrc:        {"track", "src", Asset},
	EmbedSrc:        {"embed", "src", Asset},
	ObjectData:      {"object", "data", Asset},
	ScriptSrc:       {"script", "src", Asset},
	ImageHref:       {"image", "href", Asset},
	UseHref:         {"use", "href", Asset},
	BodyBackground:  {"body", "background", Asset},
	StyleText:       {"style", "", Asset},
	StyleAttr:       {"*", "style", Asset},
	SheetURL:        {"css", "url", Asset},
	SheetImport:     {"css", "import", Asset},
}

// Element returns the name of the element: "header" for a Link header field,
// "css" for a style sheet and "*" where any element may have the attribute.
func (s Source) Element() string { return sources[s].element }

// Attr returns the name of the attribute, "" for the text of a style element.
func (s Source) Attr() string { return sources[s].attr }

// Kind returns what links from there are for.
func (s Source) Kind() Kind { return sources[s].kind }

// String returns the element and the attribute, such as "img@srcset".
func (s Source) String() string {
	if s.Attr() == "" {
		return s.Element()
	}
	return s.Element() + "@" + s.Attr()
}
