package recipe

import _ "embed"

// schema is the JSON Schema of recipe files. It knows their keys and types; whether a selector parses, only Compile does.
//
//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of recipe files, which editors complete and check with.
func Schema() []byte { return []byte(schema) }
