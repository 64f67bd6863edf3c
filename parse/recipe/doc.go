// Package recipe takes data out of pages: fields by CSS selectors, XPath, regular expressions, jq, JSON-LD, metas,
// headers and the URL, named on the command line ([FromFlags]) or in a recipe file ([Compile]).
//
//	Compile, FromFlags ──► *Recipe ─── shared by all goroutines
//	NewPage(url, type, body, header) ──► *Page ─── one a response; makes its tree when first asked for it
//	Recipe.Extract(ctx, Page) ──► items with their data, their errors, and how many fields found something
//	Recipe.Follow(ctx, Page)  ──► the links to take
//	CompileSelect ──► *Select ─── a jq expression over records
//
// It starts at [Recipe.Extract]. A field is a source, which finds elements or JSON values in a scope (the page, or what
// each or an object selected); then transforms of text; then a type. Each kind of source is one file.
//
// # Nothing runs away
//
// Pages come from strangers. All that is done for one page is paid for from one purse (run.go): steps, and bytes of
// output. When it is empty, the field at hand has an error of kind [Limit], and the crawl goes on. The libraries below
// have no such purse, so each of them is fed such that it needs one:
//   - cascadia tries every way up the ancestors for each combinator, which is exponential: css.go gives it single
//     elements only, and combines them in one walk.
//   - antchfx/xpath moves a navigator, and ours counts its moves. Its replace() is refused: it can write any amount.
//   - regexp is linear for one match, not for all of them: regex.go reads rune by rune and counts.
//   - gojq asks its context before each instruction, which counts them (jq.go). A single instruction may still
//     double a string, so a program that does nothing else can fill the memory: programs are the user's own.
//   - html-to-markdown searches the rest of the text from each bracket: text.go counts them first.
//   - x/net/html refuses pages with more than 512 open elements; their fields have an error of kind [Unreadable].
//
// # What is nothing
//
// What a page does not have is absent from the data, never null; many of nothing are an empty list. Empty text counts
// as nothing. [Fill] says how often a field found something.
package recipe
