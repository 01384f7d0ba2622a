package grow

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// Entry is one data file with what is known about it beforehand.
type Entry struct {
	Path    string
	Options dataset.Options // target, task type, …
	Name    string
	Group   string
	Source  string
	Licence string
	Tags    []string
}

// ErrCatalog is wrapped by errors about a catalog file.
var ErrCatalog = errors.New("invalid catalog")

// dataExtensions are what Folder takes for data files, before a compression's extension.
var dataExtensions = []string{".csv", ".tsv", ".arff"}

// Folder lists the data files of a folder, not of its subfolders: .csv, .tsv and .arff, plain, .gz or .zst, by
// name. Files named in a catalog are the catalog's matter; a file called inventory.csv or catalog.csv is skipped.
func Folder(dir string) ([]Entry, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, f := range files {
		if f.IsDir() || !isData(f.Name()) || f.Name() == "inventory.csv" || f.Name() == "catalog.csv" {
			continue
		}
		entries = append(entries, Entry{Path: filepath.Join(dir, f.Name())})
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%s holds no data file (%s, plain, .gz or .zst): %w", dir, strings.Join(dataExtensions, ", "), fs.ErrNotExist)
	}
	return entries, nil
}

func isData(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(name), ".gz"), ".zst")
	return slices.Contains(dataExtensions, filepath.Ext(name))
}

// Catalog reads a CSV file that lists data files: a column file (relative to the catalog's folder) and, optional,
// name, target, task, group, source, source_path, licence and tags (separated by spaces). Other columns are left
// alone.
func Catalog(path string) ([]Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := parseCatalog(f, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return entries, nil
}

func parseCatalog(r io.Reader, dir string) ([]Entry, error) {
	rows := csv.NewReader(r)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("header: %w: %w", err, ErrCatalog)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if !slices.Contains(header, "file") {
		return nil, fmt.Errorf("no column %q; a catalog needs one: %w", "file", ErrCatalog)
	}
	for i, name := range header {
		if name != "" && slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("column %q is there twice: %w", name, ErrCatalog)
		}
	}
	var entries []Entry
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, ErrCatalog)
		}
		e, err := entryOf(header, row, dir)
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("row %d: %w: %w", line, err, ErrCatalog)
		}
		entries = append(entries, e)
	}
}

func entryOf(header, row []string, dir string) (Entry, error) {
	field := make(map[string]string, len(header))
	for i, name := range header {
		field[name] = row[i]
	}
	if field["file"] == "" {
		return Entry{}, errors.New("column file is empty")
	}
	e := Entry{Path: field["file"], Name: field["name"], Group: field["group"], Source: field["source"],
		Licence: field["licence"], Tags: strings.Fields(field["tags"])}
	if !filepath.IsAbs(e.Path) {
		e.Path = filepath.Join(dir, e.Path)
	}
	if p := field["source_path"]; p != "" {
		e.Source = strings.TrimSpace(e.Source + " " + p)
	}
	e.Options.Target = field["target"]
	switch task := dataset.TaskType(field["task"]); task {
	case "", dataset.Classification, dataset.Regression:
		e.Options.Task = task
	default:
		return Entry{}, fmt.Errorf("task %q is neither %s nor %s", task, dataset.Classification, dataset.Regression)
	}
	return e, nil
}

// HeldOut reports whether a group belongs to the test tasks of a modulus: the SHA-256 of its UTF-8 text, read as
// a big-endian number, is divisible by it. Which tasks are held out so depends on nothing else, for ever.
func HeldOut(group string, modulus int64) bool {
	if modulus <= 0 {
		return false
	}
	sum := sha256.Sum256([]byte(group))
	rest := new(big.Int).Mod(new(big.Int).SetBytes(sum[:]), big.NewInt(modulus))
	return rest.Sign() == 0
}

// Select picks at most n entries of each declared task type, from as many groups as possible: the first entry of
// every group, then the second ones, until there are n. The picked entries keep their order; an entry without group
// is its own. n < 1 picks all.
func Select(entries []Entry, n int) []Entry {
	if n < 1 {
		return entries
	}
	type place struct{ index, round int }
	byType := map[dataset.TaskType][]place{}
	seen := map[string]int{}
	for i, e := range entries {
		round := 0
		if e.Group != "" {
			key := string(e.Options.Task) + "\x00" + e.Group
			round = seen[key]
			seen[key]++
		}
		byType[e.Options.Task] = append(byType[e.Options.Task], place{i, round})
	}
	var picked []int
	for _, places := range byType {
		slices.SortStableFunc(places, func(a, b place) int { return a.round - b.round })
		for _, p := range places[:min(n, len(places))] {
			picked = append(picked, p.index)
		}
	}
	slices.Sort(picked)
	out := make([]Entry, len(picked))
	for i, index := range picked {
		out[i] = entries[index]
	}
	return out
}
