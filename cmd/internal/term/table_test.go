package term

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
)

func written(t *testing.T, table *Table, width int) string {
	t.Helper()
	var b strings.Builder
	if err := table.Write(&b, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTableAligns(t *testing.T) {
	table := NewTable(Column{Title: "#", Right: true}, Column{Title: "learner"}, Column{Title: "expected", Right: true}, Column{Title: "why"})
	table.Row("1", "LightGBM", "0.768", "best on 5 of 9")
	table.Note("learning_rate 0.034")
	table.Row("10", "größe 木", "12.5")
	want := "" +
		" #  learner   expected  why\n" +
		" 1  LightGBM     0.768  best on 5 of 9\n" +
		"    learning_rate 0.034\n" +
		"10  größe 木      12.5\n"
	if got := written(t, table, 0); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTableWithoutTitlesHasNoHeading(t *testing.T) {
	table := NewTable(Column{}, Column{})
	table.Row("known", "9 tasks")
	if got := written(t, table, 0); got != "known  9 tasks\n" {
		t.Errorf("got %q", got)
	}
}

func TestTableWrapsItsLastColumn(t *testing.T) {
	table := NewTable(Column{Title: "loss", Right: true}, Column{Title: "configuration", Wrap: true})
	table.Row("0.5", "learner=lightgbm num_leaves=31 eta=0.1")
	table.Row("12.5", "a_single_word_that_is_longer_than_the_screen")
	want := "" +
		"loss  configuration\n" +
		" 0.5  learner=lightgbm\n" +
		"      num_leaves=31 eta=0.1\n" +
		"12.5  a_single_word_that_is_longer_than_the_screen\n"
	if got := written(t, table, 30); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := written(t, table, 0); !strings.Contains(got, " 0.5  learner=lightgbm num_leaves=31 eta=0.1\n") {
		t.Errorf("wrapped although there is room:\n%s", got)
	}
}

func TestTableFitsTheScreen(t *testing.T) {
	table := NewTable(Column{Title: "#", Right: true}, Column{Title: "name", Cut: true}, Column{Title: "value", Right: true}, Column{Title: "why", Cut: true})
	table.Row("1", "a_rather_long_name_of_a_task", "0.5", "because it was the best of all those that were tried")
	table.Note("one two three four five six seven eight nine ten eleven twelve")
	for _, width := range []int{30, 40, 60, 80} {
		for _, line := range strings.Split(written(t, table, width), "\n") {
			if w := runewidth.StringWidth(line); w > width {
				t.Errorf("width %d: line of %d: %q", width, w, line)
			}
		}
		if got := written(t, table, width); !strings.Contains(got, "0.5") {
			t.Errorf("width %d: a number was cut:\n%s", width, got)
		}
	}
	if got := written(t, table, 200); strings.Contains(got, "…") {
		t.Errorf("cut although there is room:\n%s", got)
	}
}

func TestWrap(t *testing.T) {
	text := "C 0.31  penalty l2  encoding one-hot  class_weight balanced"
	for width := 20; width < 70; width++ {
		lines := Wrap(text, width)
		for _, l := range lines {
			if runewidth.StringWidth(l) > width {
				t.Errorf("width %d: %q", width, l)
			}
		}
		if got := strings.Fields(strings.Join(lines, " ")); strings.Join(got, " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("width %d loses words: %q", width, lines)
		}
	}
	long := strings.Repeat("x", 50)
	if got := Wrap("a "+long+" b", 20); len(got) != 3 || got[1] != long {
		t.Errorf("a word longer than the screen: %q", got)
	}
}

func TestCleanShowsControlCharacters(t *testing.T) {
	if got, want := Clean("a\x1b[31mred\nb\tc"), `a\x1b[31mred\x0ab\x09c`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	table := NewTable(Column{})
	table.Row("evil\x1b[2J")
	table.Note("also\rhere")
	if got := written(t, table, 0); strings.ContainsAny(got, "\x1b\r") {
		t.Errorf("a control character reached the screen: %q", got)
	}
}
