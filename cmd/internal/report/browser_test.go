package report

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// written writes the report of a study to a file.
func written(t testing.TB, in Input) string {
	t.Helper()
	var page bytes.Buffer
	if err := Write(&page, in); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// grown is the made study with more trials than are drawn as shapes.
func grown(t testing.TB, trials int) Input {
	in := made(t)
	var l log
	for i := range trials {
		at := float64(i)
		l.begin(at, "random", linear(0.001+float64(i)), nil)(at+1, scored(0.5+float64(i*7919%trials)/float64(3*trials), 1))
	}
	in.Entries = l.entries
	return in
}

// TestBrowser opens reports in Chromium, light and dark: nothing is complained about or asked for from the network,
// every chart is drawn, and nothing sticks out of the window.
func TestBrowser(t *testing.T) {
	b := openBrowser(t)
	both := []string{"light", "dark"}
	begun := made(t)
	begun.Entries = begun.Entries[:1]
	tests := []struct {
		name   string
		in     Input
		charts []int // the least number of shapes in each; one is a canvas
		themes []string
	}{
		{"made", made(t), []int{20, 8, 14, 5}, both}, // progress, importance, configurations, curves
		{"attacked", attacked(t), []int{20, 3, 20, 20}, both},
		{"large", grown(t, 1600), []int{1, 1, 1}, both[:1]},
		{"begun", begun, []int{1}, both[:1]},
		{"empty", Input{Header: begun.Header, Made: noon}, nil, both[:1]},
	}
	for _, tt := range tests {
		path := written(t, tt.in)
		for _, theme := range tt.themes {
			b.open(path, 1280, 900, theme)
			name := fmt.Sprintf("%s-%s", tt.name, theme)
			var shapes []int
			b.eval(`[...document.querySelectorAll('.chart')].map((c) => c.querySelectorAll('svg path, svg polyline, svg circle, canvas').length)`, &shapes)
			if len(shapes) != len(tt.charts) || slices.ContainsFunc(shapes, func(n int) bool { return n == 0 }) {
				t.Errorf("%s: charts of %v shapes, want %v at least", name, shapes, tt.charts)
			} else {
				for i, n := range shapes {
					if n < tt.charts[i] {
						t.Errorf("%s: chart %d has %d shapes, want %d at least", name, i, n, tt.charts[i])
					}
				}
			}
			var odd int
			b.eval(`charts.filter((c) => c.chart === null || c.chart.getWidth() !== c.node.clientWidth).length`, &odd)
			if odd > 0 {
				t.Errorf("%s: %d charts do not fill their places", name, odd)
			}
			b.cramped(name)
			b.look(name)
		}
		b.open(path, 390, 800, "light")
		b.cramped(tt.name + "-narrow")
		var beyond float64
		b.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &beyond)
		if beyond > 0 {
			t.Errorf("%s: the page sticks out of a narrow window by %v", tt.name, beyond)
		}
		b.look(tt.name + "-narrow")
	}
}

// cramped complains about names of axes and of bars that a chart cuts off, or that run into each other.
func (b *browser) cramped(name string) {
	b.t.Helper()
	var beyond, meeting []string
	b.eval(`[...document.querySelectorAll('.chart')].flatMap((c) => { const box = c.getBoundingClientRect();
		return [...c.querySelectorAll('svg text')].filter((x) => { const r = x.getBoundingClientRect(); return r.left < box.left - 1 || r.top < box.top - 1; }).map((x) => x.textContent); })`, &beyond)
	if len(beyond) > 0 {
		b.t.Errorf("%s: cut off: %q", name, beyond)
	}
	b.eval(`[...document.querySelectorAll('.chart.tall')].flatMap((c) => { const top = c.getBoundingClientRect().top + 52;
		const names = [...c.querySelectorAll('svg text')].map((x) => [x.textContent, x.getBoundingClientRect()]).filter(([, r]) => r.bottom < top);
		return names.filter(([, a], i) => names.some(([, r], j) => j > i && Math.abs(r.top - a.top) < 5 && r.left < a.right && a.left < r.right)).map(([text]) => text); })`, &meeting)
	if len(meeting) > 0 {
		b.t.Errorf("%s: names of axes meet: %q", name, meeting)
	}
}

// TestBrowserInjection holds that no text of the study becomes an element or runs, wherever it is shown.
func TestBrowserInjection(t *testing.T) {
	b := openBrowser(t)
	b.open(written(t, attacked(t)), 1280, 900, "light")
	// Every tooltip, too: they are made when the pointer is there.
	b.eval(`report.trials.forEach((t) => document.body.append(trialTip(t)))`, nil)
	var found struct {
		Pwned    bool
		Elements int
		Shown    bool
	}
	b.eval(`({pwned: 'pwned' in window && window.pwned > 0, elements: document.querySelectorAll('#pwned, img').length,
		shown: document.querySelector('h1').textContent.startsWith('</script><script>')})`, &found)
	if found.Pwned || found.Elements > 0 || !found.Shown {
		t.Errorf("%+v: hostile text must be shown as text", found)
	}
	b.look("injected")
	// Were there a hole, the page's policy would close it.
	b.eval(`(() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 3'; document.body.append(s); })()`, nil)
	b.eval(`({pwned: window.pwned === 3})`, &found)
	if found.Pwned {
		t.Error("a script that is not the page's own runs")
	}
}

// TestBrowserControls uses what can be used.
func TestBrowserControls(t *testing.T) {
	b := openBrowser(t)
	b.open(written(t, made(t)), 1280, 900, "light")
	tests := []struct{ name, do, read, want string }{
		{"the theme is the system's", ``, `getComputedStyle(document.body).color`, "rgb(20, 20, 19)"},
		{"the button changes it", `document.getElementById('theme').click()`, `getComputedStyle(document.body).color`, "rgb(244, 243, 239)"},
		{"and charts follow", ``, `[...document.querySelectorAll('.chart svg text')].map((x) => x.getAttribute('fill')).includes(colour('faint'))`, "true"},
		{"and back", `document.getElementById('theme').click()`, `getComputedStyle(document.body).color`, "rgb(20, 20, 19)"},
		{"progress by time", `[...document.querySelectorAll('.choice button')].find((x) => x.textContent === 'Time').click()`,
			`document.querySelector('.chart').textContent.includes('min')`, "true"},
		{"one learner's configurations", `(() => { const s = document.querySelector('select[aria-label="Which configurations"]'); s.value = '1'; s.dispatchEvent(new Event('change')); })()`,
			`[...document.querySelectorAll('.chart')][2].textContent.includes('depth')`, "true"},
		{"and not the other's", ``, `[...document.querySelectorAll('.chart')][2].textContent.includes('not used')`, "false"},
		{"trials by value, worst first", `[...document.querySelectorAll('.trials th')].find((x) => x.textContent === 'accuracy').click()`,
			`document.querySelector('.trials tbody tr').children[2].textContent`, "0.600"},
		{"only failed ones", `(() => { const s = document.querySelector('select[aria-label="Status"]'); s.value = 'failed'; s.dispatchEvent(new Event('change')); })()`,
			`document.querySelectorAll('.trials tbody tr').length`, "2"},
		{"found by reason", `(() => { const s = document.querySelector('input[type=search]'); s.value = 'CLASS 0'; s.dispatchEvent(new Event('input')); })()`,
			`document.querySelector('.trials tbody').textContent.includes('1 rows in class 0')`, "true"},
		{"and no other", ``, `document.querySelectorAll('.trials tbody tr').length`, "1"},
	}
	for _, tt := range tests {
		if tt.do != "" {
			b.eval(tt.do, nil)
		}
		var got string
		b.eval(`String(`+tt.read+`)`, &got)
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	b.look("used")
}
