package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/csv"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/reshape"
	"github.com/trawl-crawler/trawl/output/rotate"
	"github.com/trawl-crawler/trawl/output/tee"
	"github.com/trawl-crawler/trawl/parse/extract"
)

// openSink opens all outputs. With resume, the files are those that this crawl
// was writing. A pipe waits for its reader.
func openSink(ctx context.Context, s *config.Settings, stdout io.Writer, resume bool) (output.Sink, error) {
	return Wait(ctx, func() (output.Sink, error) {
		sink, err := openOuts(s, stdout, resume)
		return sink, usageError(err)
	})
}

func openOuts(s *config.Settings, stdout io.Writer, resume bool) (output.Sink, error) {
	outs := s.Output.Outs
	branches := make([]tee.Branch, 0, len(outs))
	for i := range outs {
		sink, err := openOut(s, &outs[i], stdout, resume)
		if err != nil {
			return nil, errors.Join(err, tee.New(branches...).Close())
		}
		branches = append(branches, tee.Branch{Sink: sink, Keep: keep(&outs[i])})
	}
	if len(outs) == 1 && outs[0].Recipe == "" {
		return branches[0].Sink, nil
	}
	return tee.New(branches...), nil
}

// keep are the records that an output wants.
func keep(out *config.Out) func(*output.Record) bool {
	return func(r *output.Record) bool { return out.Emit.Wants(r) && (out.Recipe == "" || r.Recipe == out.Recipe) }
}

// openOut opens an output in its format: one line for each that there is.
func openOut(s *config.Settings, out *config.Out, stdout io.Writer, resume bool) (output.Sink, error) {
	o := jsonl.Options{Stdout: stdout}
	switch out.Format {
	case "csv", "tsv":
		o.As = csv.Encoding(csv.Options{Columns: columns(s, out), Tabs: out.Format == "tsv", Raw: s.Data.CSVRaw})
	default:
		fields, err := output.ParseFields(strings.Join(out.Fields, ","))
		if err != nil {
			return nil, err
		}
		o.Fields = fields
	}
	switch {
	case resume || s.Output.Append:
		o.Mode = jsonl.Append
	case s.Output.Overwrite:
		o.Mode = jsonl.Overwrite
	}
	if s.Output.Rotate == (rotate.When{}) {
		return jsonl.Open(out.File, o)
	}
	if out.File == "-" || s.Output.Append || s.Output.Overwrite {
		return nil, errors.New("--rotate needs --output FILE, without --append and --overwrite: each file has a new name")
	}
	if info, err := os.Stat(out.File); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("output %q is no file: --rotate makes names of a file's name, such as pages.jsonl", out.File)
	}
	o.Mode = jsonl.Append
	return rotate.New(out.File, s.Output.Rotate, func(path string) (output.Sink, error) { return jsonl.Open(path, o) }), nil
}

// columns are those of a table: the ones named, else those of what is in it
// behind the URL, else all that records have. A name that the records have
// themselves is theirs, and data.NAME what a recipe has under it.
func columns(s *config.Settings, out *config.Out) []csv.Column {
	if s.Data.Select != nil {
		return csv.Columns(out.Fields...)
	}
	taken := s.Data.Plan.Columns(out.Recipe)
	if out.Fields == nil {
		return usualColumns(taken, out)
	}
	all := csv.Columns(out.Fields...)
	for i, c := range all {
		if taken.Has(c.Name) && !out.Emit.Has(c.Name) {
			all[i].Path = append([]string{"data"}, c.Path...)
		}
	}
	return all
}

// usualColumns tell rows of several kinds apart.
func usualColumns(taken extract.Columns, out *config.Out) []csv.Column {
	pages, items := out.Emit&output.EmitPages != 0, out.Emit&output.EmitItems != 0
	own := taken.Names(pages, items)
	if len(own) == 0 {
		return csv.All()
	}
	names := []string{"url"}
	if items && taken.Recipes() > 1 {
		names = append(names, "recipe")
	}
	if kinds := len(taken.Items); items && (kinds > 1 || pages && kinds > 0) {
		names = append(names, "item")
	}
	all := csv.Columns(names...)
	for _, name := range own {
		c := csv.Column{Name: name, Path: []string{"data", name}}
		if out.Emit.Has(name) {
			c.Name = "data." + name
		}
		all = append(all, c)
	}
	return all
}

// Outputs is where records go, --select before it.
type Outputs struct {
	Sink  output.Sink
	shape *reshape.Sink // nil: there is no --select
}

// Open opens the outputs of the settings, for records that no crawl makes.
// Failed is told of the first failure of each kind of --select.
func Open(ctx context.Context, s *config.Settings, stdout io.Writer, failed func(url string, err error)) (Outputs, error) {
	sink, err := openSink(ctx, s, stdout, false)
	if err != nil {
		return Outputs{}, err
	}
	o := Outputs{Sink: &outputSink{sink}}
	if s.Output.Append { // a table with other columns is found before there is work done for it
		if err := o.Sink.Rewind(ctx, ""); err != nil {
			return Outputs{}, errors.Join(err, o.Sink.Close())
		}
	}
	o.reshape(s, failed)
	return o, nil
}

func (o *Outputs) reshape(s *config.Settings, failed func(url string, err error)) {
	if s.Data.Select == nil {
		return
	}
	o.shape = reshape.New(o.Sink, reshape.Options{
		Select: s.Data.Select, Drop: s.Data.SelectErrors == config.SelectDrop, Failed: failed,
	})
	o.Sink = o.shape
}

// SelectErrors counts the records on which --select failed, by kind.
func (o *Outputs) SelectErrors() map[string]int64 {
	if o.shape == nil {
		return nil
	}
	return o.shape.Errors()
}

// Reshape has --select look at each record of the crawl.
func (c *Crawl) Reshape(s *config.Settings, failed func(url string, err error)) {
	c.outputs = Outputs{Sink: c.Options.Sink}
	c.outputs.reshape(s, failed)
	c.Options.Sink = c.outputs.Sink
}

// SelectErrors counts the records on which --select failed, by kind.
func (c *Crawl) SelectErrors() map[string]int64 { return c.outputs.SelectErrors() }
