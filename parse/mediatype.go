package parse

const xhtml = "application/xhtml+xml"

// IsHTML tells whether a media type, in lower case and without parameters, is
// that of a page with markup.
func IsHTML(mediaType string) bool { return mediaType == "text/html" || mediaType == xhtml }

// IsCSS tells whether a media type is that of a style sheet.
func IsCSS(mediaType string) bool { return mediaType == "text/css" }

// Parseable tells whether a body of the media type may have links: the others
// need not be downloaded for Parse.
func Parseable(mediaType string) bool { return IsHTML(mediaType) || IsCSS(mediaType) }
