package fetch_test

import (
	"io"
	"log"
)

// quiet swallows what test servers say of the failures they are asked for.
var quiet = log.New(io.Discard, "", 0)
