package link

// maxForeign bounds the stack of a foreign: deeper switches are not followed.
const maxForeign = 64

// foreign is the open elements that switch between HTML and foreign content:
// svg and math into it, and their integration points (foreignObject, desc,
// title; mi, mo, mn, ms, mtext) back to HTML. There, <style>, <script> and
// <title> have markup and CDATA sections are text (§13.2.6.5).
//
// Without a tree it cannot know that an end tag does not count because of an
// HTML element left open in an integration point.
type foreign []switcher

// switcher is an element and whose content it has.
type switcher struct{ element, content element } // content: elSVG, elMath or other for HTML

// content returns elSVG or elMath in foreign content, and other in HTML.
func (f foreign) content() element {
	if len(f) == 0 {
		return other
	}
	return f[len(f)-1].content
}

// inside tells whether tags are foreign ones.
func (f foreign) inside() bool { return f.content() != other }

// start takes a start tag into account and tells whether it is foreign, or
// begins foreign content.
func (f *foreign) start(e element, name []byte, closed bool) bool {
	if len(*f) == 0 && e != elSVG && e != elMath {
		return false
	}
	if f.inside() && breaksOut(name) {
		f.leave()
	}
	around := f.content()
	switches, content := false, other
	switch e {
	case elSVG, elMath:
		switches, content = true, e
		if around != other {
			content = around // <svg> in MathML is an element of MathML
		}
	case elDesc, elForeignObject, elTitle:
		switches = around == elSVG
	case elMathText:
		switches = around == elMath
	}
	if switches && !closed && len(*f) < maxForeign {
		*f = append(*f, switcher{e, content})
	}
	return around != other || content != other
}

// end takes an end tag into account.
func (f *foreign) end(e element, name []byte) {
	if f.inside() && breaksOut(name) {
		// Nothing of that name is open in there: it closes, or is taken to
		// close, an element around the foreign content.
		f.leave()
		return
	}
	for i := len(*f) - 1; i >= 0; i-- {
		switch top := (*f)[i]; {
		case top.element == e:
			*f = (*f)[:i]
			return
		case top.content == other:
			return // an end tag does not reach across an integration point
		}
	}
}

// leave goes back to HTML.
func (f *foreign) leave() {
	for f.inside() {
		*f = (*f)[:len(*f)-1]
	}
}

// breaksOut tells whether a tag of that name ends foreign content around it.
func breaksOut(name []byte) bool {
	var buf [10]byte
	switch string(fold(buf[:], name)) {
	case "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div",
		"dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6", "head",
		"hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p",
		"pre", "ruby", "s", "small", "span", "strong", "strike", "sub", "sup",
		"table", "tt", "u", "ul", "var":
		return true
	}
	return false
}
