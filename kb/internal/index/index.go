// Package index finds tasks by words and numbers: a full-text index that is derived from the knowledge base and can
// be thrown away at any time. On disk it is published as a whole, under the state of the knowledge base that it was
// made from, and never changed afterwards: readers need no lock, and a damaged one is rebuilt.
package index

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
)

// ErrQuery is wrapped by errors about a query that cannot be understood.
var ErrQuery = errors.New("invalid query")

// Document is what is searched of a task.
type Document struct {
	ID                                              string
	Name, Group, Type, Description, Source, Licence string
	Tags                                            []string
	// Numbers are the facets by name, of those that Numbers() lists; others are ignored.
	Numbers map[string]float64
}

// Numbers lists the numeric facets. They are few because each costs as much as the words of a description.
func Numbers() []string {
	return []string{"rows", "columns", "classes", "numeric", "categorical", "missing", "imbalance", "runs", "configs"}
}

// Words lists the fields of text.
func Words() []string {
	return []string{"name", "group", "type", "description", "source", "licence", "tags"}
}

// Hit is a document found.
type Hit struct {
	ID    string
	Score float64
}

// Index is an open index.
type Index struct{ bleve bleve.Index }

// Memory returns an index in memory.
func Memory(documents []Document) (*Index, error) {
	b, err := bleve.NewMemOnly(newMapping())
	if err != nil {
		return nil, err
	}
	x := &Index{b}
	if err := x.put(documents); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// newMapping describes the fields: text is searchable by field and altogether, numbers by range.
func newMapping() mapping.IndexMapping {
	document := bleve.NewDocumentStaticMapping()
	for _, name := range Words() {
		f := bleve.NewTextFieldMapping()
		f.Store, f.DocValues = false, false // term vectors stay: phrases need them
		document.AddFieldMappingsAt(name, f)
	}
	for _, name := range Numbers() {
		f := bleve.NewNumericFieldMapping()
		f.Store, f.IncludeInAll, f.DocValues = false, false, false
		document.AddFieldMappingsAt(name, f)
	}
	m := bleve.NewIndexMapping()
	m.DefaultMapping = document
	return m
}

// separators are what joins the words of dataset names without being white space.
var separators = strings.NewReplacer("_", " ", "-", " ", ".", " ", "/", " ", ":", " ", "'", " ", "’", " ")

// put adds or replaces documents.
func (x *Index) put(documents []Document) error {
	batch := x.bleve.NewBatch()
	for i, d := range documents {
		fields := map[string]any{
			"name": apart(d.Name), "group": apart(d.Group), "type": d.Type, "description": d.Description,
			"source": apart(d.Source), "licence": apart(d.Licence), "tags": d.Tags,
		}
		for _, name := range Numbers() {
			if v, ok := d.Numbers[name]; ok {
				fields[name] = v
			}
		}
		if err := batch.Index(d.ID, fields); err != nil {
			return err
		}
		if batch.Size() >= 500 || i == len(documents)-1 {
			if err := x.bleve.Batch(batch); err != nil {
				return err
			}
			batch.Reset()
		}
	}
	return nil
}

// apart returns a name followed by its words, so that both are found.
func apart(name string) string {
	if words := separators.Replace(name); words != name {
		return name + " " + words
	}
	return name
}

// Search returns at most limit documents that match a query in bleve's query-string syntax, the best first, and how
// many match altogether. An empty query matches all. Errors wrap ErrQuery where the query is at fault.
func (x *Index) Search(ctx context.Context, text string, limit int) ([]Hit, int, error) {
	q, err := parse(text)
	if err != nil {
		return nil, 0, err
	}
	request := bleve.NewSearchRequestOptions(q, limit, 0, false)
	request.SortBy([]string{"-_score", "_id"})
	result, err := x.bleve.SearchInContext(ctx, request)
	if err != nil && ctx.Err() == nil && failsAnywhere(request) {
		return nil, 0, unreadable(text, err)
	}
	if err != nil {
		return nil, 0, err
	}
	hits := make([]Hit, len(result.Hits))
	for i, h := range result.Hits {
		hits[i] = Hit{h.ID, h.Score}
	}
	return hits, int(result.Total), nil
}

// failsAnywhere reports whether a request fails in an index without documents, too, so that it is at fault itself: some
// queries, such as iris~9, are only refused when they are run.
func failsAnywhere(request *bleve.SearchRequest) bool {
	empty, err := Memory(nil)
	if err != nil {
		return false
	}
	defer empty.Close()
	_, err = empty.bleve.Search(request)
	return err != nil
}

// field finds what looks like a field in a query, outside quotes, and what it is compared with.
var (
	quoted     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	field      = regexp.MustCompile(`(?:^|[\s+\-])([^\s:+\-"\\]+):([^\s^~]*)`)
	comparison = regexp.MustCompile(`^(?:[<>]=?)?(?:\\?-)?[0-9]`)
)

// unreadable says that a query is at fault.
func unreadable(text string, err error) error {
	return fmt.Errorf("the query %q cannot be read (%s): %w", text, strings.TrimSpace(err.Error()), ErrQuery)
}

func parse(text string) (query.Query, error) {
	if strings.TrimSpace(text) == "" {
		return bleve.NewMatchAllQuery(), nil
	}
	known := append(Words(), Numbers()...)
	for _, m := range field.FindAllStringSubmatch(quoted.ReplaceAllString(text, `""`), -1) {
		if !slices.Contains(known, m[1]) {
			return nil, fmt.Errorf("%q is no field; there are %s: %w", m[1], strings.Join(known, ", "), ErrQuery)
		}
		if slices.Contains(Numbers(), m[1]) && !comparison.MatchString(m[2]) {
			return nil, fmt.Errorf("%s is a number, to be compared with one: %s:>=1000: %w", m[1], m[1], ErrQuery)
		}
	}
	q := bleve.NewQueryStringQuery(text)
	if err := q.Validate(); err != nil {
		return nil, unreadable(text, err)
	}
	return q, nil
}

// Close releases the index.
func (x *Index) Close() error { return x.bleve.Close() }
