package dataset

import (
	"strings"
	"time"
)

// dateLayout is one way to write dates, possibly with a time of day.
type dateLayout struct {
	forms     []string // of package time; a column may mix them
	recent    int      // the form of the last date
	ambiguous bool     // day and month could be meant the other way round
}

// clock are the times of day that may follow a date.
var clocks = [...]string{"", " 15:04", " 15:04:05", "T15:04", "T15:04:05", "T15:04:05Z07:00", " 15:04:05Z07:00", " 15:04:05-07"}

// The dates recognised without being told, each optionally with a time of day (fractions of seconds and an offset
// from UTC included): 2006-01-02, 2006/01/02, 02.01.2006, and 01/02/2006 or 02/01/2006, whichever all cells allow,
// the month first if both.
var dateForms = [...]string{"2006-01-02", "2006/01/02", "2.1.2006", "1/2/2006", "2/1/2006"}

// order is how dates with slashes are to be read: MonthFirst, DayFirst, or empty where there is no question.
func (l *dateLayout) order() string {
	switch {
	case l == nil || len(l.forms) == 0:
		return ""
	case strings.HasPrefix(l.forms[0], "1/2/"):
		return MonthFirst
	case strings.HasPrefix(l.forms[0], "2/1/"):
		return DayFirst
	}
	return ""
}

// parse gives seconds since 1970, in UTC where no offset is written.
func (l *dateLayout) parse(s string) (float64, bool) {
	for i := range l.forms {
		form := (l.recent + i) % len(l.forms)
		if t, err := time.Parse(l.forms[form], s); err == nil {
			l.recent = form
			return float64(t.Unix()) + float64(t.Nanosecond())/1e9, true
		}
	}
	return 0, false
}

func (l *dateLayout) fits(texts []string) bool {
	for _, s := range texts {
		if _, ok := l.parse(s); !ok {
			return false
		}
	}
	return true
}

// findLayout finds the layout in which every text is a date; nil if there is none.
func findLayout(texts []string) *dateLayout {
	if len(texts) == 0 || len(texts[0]) < 8 || len(texts[0]) > 40 || digits([]byte(texts[0])) == 0 {
		return nil
	}
	var found *dateLayout
	for _, form := range dateForms {
		l := &dateLayout{}
		for _, c := range clocks {
			l.forms = append(l.forms, form+c)
		}
		if !l.fits(texts) {
			continue
		}
		if found != nil {
			found.ambiguous = true
			break
		}
		found = l
	}
	return found
}
