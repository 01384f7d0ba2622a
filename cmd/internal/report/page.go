package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
)

// files are the page: its frame, its style, its script in parts that are joined in the order of their names, and the
// library that draws the charts (see page/echarts/README.md).
//
//go:embed page/page.html page/style.css page/script/*.js page/echarts/echarts.min.js
var files embed.FS

// render writes the page of a document. All that comes from the study is in the title, where the template escapes it,
// and in the JSON document, where encode does. Beyond that the page's own policy allows no script but the two that are
// in it, and no network.
func render(w io.Writer, d *document) error {
	data, err := d.encode()
	if err != nil {
		return fmt.Errorf("report of study %s: %w", d.Study.Name, err)
	}
	p, err := assemble()
	if err != nil {
		return err
	}
	p.Name, p.Document = d.Study.Name, template.JS(data)
	frame, err := template.ParseFS(files, "page/page.html")
	if err != nil {
		return err
	}
	return frame.Execute(w, p)
}

// page is what the frame is filled with.
type page struct {
	Name, Policy             string
	Style                    template.CSS
	Document, Charts, Script template.JS
}

// assemble reads the parts of the page that are the same for every study.
func assemble() (page, error) {
	style, err := files.ReadFile("page/style.css")
	if err != nil {
		return page{}, err
	}
	charts, err := files.ReadFile("page/echarts/echarts.min.js")
	if err != nil {
		return page{}, err
	}
	names, err := fs.Glob(files, "page/script/*.js")
	if err != nil {
		return page{}, err
	}
	var script bytes.Buffer
	for _, name := range names { // sorted
		part, err := files.ReadFile(name)
		if err != nil {
			return page{}, err
		}
		script.Write(part)
	}
	policy := []string{
		"default-src 'none'", "style-src 'unsafe-inline'", "img-src data:",
		"script-src " + digest(charts) + " " + digest(script.Bytes()),
	}
	return page{
		Policy: strings.Join(policy, "; "), Style: template.CSS(style), Charts: template.JS(charts), Script: template.JS(script.Bytes()),
	}, nil
}

// digest names a script in a content security policy.
func digest(script []byte) string {
	sum := sha256.Sum256(script)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
