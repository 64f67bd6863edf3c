package link

// srcset takes the candidates of a srcset attribute (HTML §4.8.4.2.1,
// "parse a srcset attribute"), whatever their descriptors.
func (s *Scanner) srcset(at attr, from Source) {
	set, _ := s.attr(at)
	for i := 0; ; {
		for i < len(set) && (class[set[i]]&space != 0 || set[i] == ',') {
			i++
		}
		if i == len(set) {
			return
		}
		end := until(set, i, space)
		ref := set[i:end]
		i = end
		if ref[len(ref)-1] == ',' {
			for len(ref) > 0 && ref[len(ref)-1] == ',' {
				ref = ref[:len(ref)-1]
			}
		} else {
			i = skipDescriptors(set, i)
		}
		s.add(ref, from, false)
	}
}

// skipDescriptors goes to the comma that ends a candidate, or to the end.
func skipDescriptors(set []byte, i int) int {
	inParens := false
	for ; i < len(set); i++ {
		switch set[i] {
		case '(':
			inParens = true
		case ')':
			inParens = false
		case ',':
			if !inParens {
				return i
			}
		}
	}
	return i
}
