package link

import (
	"strings"
	"testing"
)

// All elements and attributes that matter are found by their names, whatever
// the case of these.
func TestNamesThatMatter(t *testing.T) {
	elements := strings.Fields(`a area audio base body desc embed foreignobject frame html iframe image img input
		link math meta mi mn mo ms mtext noembed noframes object plaintext script source style svg textarea title
		track use video xmp`)
	found := map[element]bool{}
	for _, name := range elements {
		for _, name := range []string{name, strings.ToUpper(name)} {
			e := elementNamed([]byte(name))
			if e == other {
				t.Errorf("<%s> is of no interest", name)
			}
			found[e] = true
		}
	}
	if len(found) != int(elXMP) {
		t.Errorf("%d of %d elements have a name", len(found), elXMP)
	}
	named := map[attr]bool{}
	for _, name := range strings.Fields(`background content data href hreflang http-equiv imagesrcset lang name poster
		rel src srcdoc srcset style type xlink:href xml:lang`) {
		for _, name := range []string{name, strings.ToUpper(name)} {
			a := attrNamed([]byte(name))
			if a == attrNone {
				t.Errorf("the attribute %s is of no interest", name)
			}
			named[a] = true
		}
	}
	if len(named) != int(attrs)-1 {
		t.Errorf("%d of %d attributes have a name", len(named), attrs-1)
	}
	for _, name := range []string{"b", "span", "sources", "svgs", "@", "[", "\x00", "ſ", "=", "äöü", strings.Repeat("a", 99)} {
		if e, a := elementNamed([]byte(name)), attrNamed([]byte(name)); e != other || a != attrNone {
			t.Errorf("%q is element %d and attribute %d, want none", name, e, a)
		}
	}
}
