// Package article finds the main content of a page, and what is known about it.
//
//	main := article.Find(root, base)               // root is the page's tree
//	main.Text()                                    // to read
//	main.Markdown()                                // to read, or to feed to a language model
//	article.Describe(root, base, main)             // title, author, date …
//
// [Find] works in two steps. What is plainly around the content goes first, by
// what elements are and are called (prune.go): navigation, banners, forms, side
// columns, comments, lists of links. Then go-readability looks for an article
// in the rest. If that is most of the rest, it is the content; if not, the page
// is none of an article (a thread, a list, a manual, a shop), and the rest is.
//
// # Why these two
//
// Measured on the pages of testdata/pages with the text that is their main
// content beside each: 50 layouts (news, blogs, manuals, forums, shops, lists,
// others) and 22 real pages, of manuals, made by as many programs. Precision is
// the share of the found words that are in the truth, recall that of the truth
// that was found, each the mean of all pages. The layouts were written by who
// wrote prune.go, which flatters it; 14 of the real pages came when it was
// finished, and it has not been changed for them. The third set is that which
// go-trafilatura is developed on: 983 pages, mostly news and blogs, with
// phrases that must be found and phrases that must not.
//
//	                                layouts              real pages           theirs
//	extractor                       prec.  recall F1     prec.  recall F1     prec.  recall F1     ms a page
//	the whole body                  0.745  1.000  0.843  0.753  1.000  0.834  0.543  0.954  0.692
//	go-trafilatura v1.12.2          0.943  0.835  0.850  0.947  0.840  0.865  0.909  0.883  0.896  15
//	go-trafilatura with fall-backs  0.958  0.942  0.937  0.932  0.924  0.916  0.905  0.904  0.904  31
//	go-readability v2.1.3           0.960  0.972  0.959  0.910  0.931  0.914  0.865  0.891  0.878  4
//	Find                            0.972  0.980  0.974  0.979  0.953  0.964  0.870  0.892  0.881  3
//
//	cd parse/article/testdata/compare && go run .              (all of these)
//	go test -run TestCorpus -v ./parse/article/                (Find's two steps; -pages: each page)
//
// So prune.go is what readability lacks on pages that are no article, and does
// no harm on those that are. go-trafilatura's lead of 0.02 on its own pages
// costs 7 MB of binary, five to ten times the time, and a dozen modules, one of
// which compiles WebAssembly; readability and the writer of Markdown cost 5 MB
// together.
package article
