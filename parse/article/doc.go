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
// Measured on the pages of testdata/pages, of 58 layouts (news, blogs, manuals,
// forums, shops, lists, others; 8 of them real ones of manuals), with the text
// that is their main content beside each. Precision is the share of the found
// words that are in the truth, recall that of the truth that was found, each
// the mean of all pages.
//
//	extractor                        precision  recall  F1     ms a page
//	the whole body                   0.748      1.000   0.842
//	go-trafilatura v1.12.2           0.949      0.825   0.847  13.5
//	go-trafilatura with fall-backs   0.963      0.927   0.932  29.9
//	go-readability v2.1.3            0.953      0.937   0.938  1
//	pruned                           0.960      0.995   0.976  0.1
//	Find                             0.974      0.977   0.974  1
//
//	go test -run TestCorpus -v ./parse/article/                (-pages: each page)
//	cd parse/article/testdata/compare && go run .              (go-trafilatura)
//
// Those layouts were written by who wrote prune.go, which flatters it, so the
// same was done with the pages and phrases that go-trafilatura is developed on
// (some 900, mostly news and blogs, from its repository; phrases that must be
// found, and that must not):
//
//	extractor                        precision  recall  F1
//	pruned                           0.808      0.890   0.847
//	go-readability v2.1.3            0.872      0.873   0.872
//	Find                             0.874      0.874   0.874
//	go-trafilatura v1.12.2           0.911      0.859   0.885
//	go-trafilatura with fall-backs   0.908      0.881   0.895
//
// Its lead of 0.01 to 0.02 on its own pages costs 7 MB of binary, ten to thirty
// times the time, and a dozen modules, one of which compiles WebAssembly;
// readability and the writer of Markdown cost 5 MB together.
package article
