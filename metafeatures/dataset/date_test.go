package dataset

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFindLayout(t *testing.T) {
	at := func(s string) float64 {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return float64(v.UnixNano()) / 1e9
	}
	for _, test := range []struct {
		texts     []string
		last      string // in RFC 3339; empty: no dates
		ambiguous bool
	}{
		{[]string{"2020-01-02"}, "2020-01-02T00:00:00Z", false},
		{[]string{"2020-01-02", "2020-01-02 03:04"}, "2020-01-02T03:04:00Z", false},
		{[]string{"2020-01-02 03:04:05.125"}, "2020-01-02T03:04:05.125Z", false},
		{[]string{"2020-01-02T03:04:05+01:30"}, "2020-01-02T01:34:05Z", false},
		{[]string{"2020-01-02 03:04:05-05"}, "2020-01-02T08:04:05Z", false},
		{[]string{"2020/12/31"}, "2020-12-31T00:00:00Z", false},
		{[]string{"31.12.2020 23:59"}, "2020-12-31T23:59:00Z", false},
		{[]string{"1.2.2020"}, "2020-02-01T00:00:00Z", false},
		{[]string{"1/2/2020", "12/31/2020"}, "2020-12-31T00:00:00Z", false},
		{[]string{"1/2/2020", "31/12/2020"}, "2020-12-31T00:00:00Z", false},
		{[]string{"1/2/2020", "3/4/2020"}, "2020-03-04T00:00:00Z", true},
		{[]string{"1800-01-01"}, "1800-01-01T00:00:00Z", false},
		{[]string{"13/31/2020"}, "", false},
		{[]string{"1/31/2020", "31/1/2020"}, "", false},
		{[]string{"2020-02-30"}, "", false},
		{[]string{"2020-01-02", "x"}, "", false},
		{[]string{"2020-01-02", "2020/01/02"}, "", false},
		{[]string{"20200102"}, "", false},
		{[]string{"12:30:00"}, "", false},
		{[]string{"2020-01"}, "", false},
		{[]string{"a longer text than any date could ever be, with 1"}, "", false},
		{nil, "", false},
	} {
		l := findLayout(test.texts)
		if l == nil || test.last == "" {
			if (l == nil) != (test.last == "") {
				t.Errorf("%q: %+v", test.texts, l)
			}
			continue
		}
		if got, ok := l.parse(test.texts[len(test.texts)-1]); !ok || got != at(test.last) || l.ambiguous != test.ambiguous {
			t.Errorf("%q: %v %v, ambiguous %v", test.texts, got, ok, l.ambiguous)
		}
	}
}

func TestLayoutOfPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		"yyyy-MM-dd'T'HH:mm:ss":         "2006-01-02T15:04:05",
		"dd.MM.yy":                      "02.01.06",
		"EEE, d MMM yyyy hh:mm a":       "Mon, 2 Jan 2006 03:04 PM",
		"yyyy-MM-dd HH:mm:ss.SSS Z":     "2006-01-02 15:04:05.000 -0700",
		"h 'o''clock' a, MMMM d yyyy":   "3 o'clock PM, January 2 2006",
		"yyyyMMdd":                      "20060102",
		"M/d/yyyy":                      "1/2/2006",
		"yyyy 'year":                    "",
		"yyyy-DDD":                      "",
		"HH 'hours'":                    "15 hours",
		"yyyy-MM-dd''HH":                "2006-01-02'15",
		"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'":  "2006-01-02T15:04:05.000Z",
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX":  "2006-01-02T15:04:05.000Z07:00",
		"EEEE d. MMMM yyyy HH:mm:ss z!": "Monday 2. January 2006 15:04:05 MST!",
	} {
		layout, err := layoutOf(pattern)
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken for %q", pattern, layout.forms)
			}
			continue
		}
		if err != nil || layout.forms[0] != want {
			t.Errorf("%s is %+v, %v; want %s", pattern, layout, err, want)
		}
	}
}

// TestDateOrderIsStaged reads dates whose order only some cells tell, and finds the order in the staged table.
func TestDateOrderIsStaged(t *testing.T) {
	for _, c := range []struct{ dates, want string }{
		{"13/2/2020 3/2/2020 1/12/2021", DayFirst},
		{"2/13/2020 3/2/2020 1/12/2021", MonthFirst},
		{"2/3/2020 3/2/2020 1/12/2021", MonthFirst},
		{"2020-03-01 2020-03-02 2021-01-12", ""},
	} {
		text := "when,x,y\n"
		for i, date := range strings.Fields(c.dates + " " + c.dates) {
			text += fmt.Sprintf("%s,%d.5,%d\n", date, i*i%5, i%2)
		}
		d, err := Read(context.Background(), "-", Options{Stdin: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		if f := d.Features[0]; f.Kind != Date || f.DateOrder != c.want {
			t.Errorf("%s: %v, order %q; want %q", c.dates, f.Kind, f.DateOrder, c.want)
		}
		s, err := NewSplit(d, SplitOptions{Folds: 2})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "table")
		if err := d.Stage(dir, s); err != nil {
			t.Fatal(err)
		}
		staged, err := os.ReadFile(filepath.Join(dir, "table.json"))
		if err != nil {
			t.Fatal(err)
		}
		if c.want != "" && !strings.Contains(string(staged), `"date_order":"`+c.want+`"`) || c.want == "" && strings.Contains(string(staged), "date_order") {
			t.Errorf("%s: staged as %s", c.dates, staged)
		}
	}
}
