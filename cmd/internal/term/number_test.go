package term

import (
	"math"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 7043: "7,043", 1234567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	if got := Plural(1, "task") + ", " + Plural(1200, "task"); got != "1 task, 1,200 tasks" {
		t.Errorf("Plural: %q", got)
	}
}

func TestDecimalsLeaveTheSpreadTwoDigits(t *testing.T) {
	for _, c := range []struct {
		spread float64
		want   int
	}{{0.048, 3}, {0.1, 2}, {0.99, 2}, {1, 1}, {9.9, 1}, {10, 0}, {1234, 0}, {1e-9, 6}, {0, 3}, {math.NaN(), 3}, {math.Inf(1), 3}, {-0.048, 3}} {
		if got := Decimals(c.spread); got != c.want {
			t.Errorf("Decimals(%v) = %d, want %d", c.spread, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Fixed(0.76849, 3), "0.768"},
		{Fixed(1234567.891, 1), "1,234,567.9"},
		{Fixed(-54321, 0), "-54,321"},
		{Fixed(math.NaN(), 2), "-"},
		{Fixed(math.Inf(1), 2), "+Inf"},
		{Short(0.034219), "0.0342"},
		{Short(1e-5), "1e-05"},
		{Short(1500), "1500"},
		{Short(123456), "123456"},
		{Short(0.5), "0.5"},
		{Short(math.NaN()), "-"},
		{Percent(0.27), "27 %"},
		{Percent(0.043), "4.3 %"},
		{Percent(0.0002), "< 0.1 %"},
		{Percent(0), "0 %"},
		{Percent(1), "100 %"},
		{Percent(0.0999), "10 %"},
		{Bytes(512), "512 B"},
		{Bytes(38_400), "38 KB"},
		{Bytes(2_100_000), "2.1 MB"},
		{Bytes(999_999), "1.0 MB"},
		{Bytes(math.MaxInt64), "9.2 EB"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                               "0 s",
		207 * time.Millisecond:          "0.21 s",
		8400 * time.Millisecond:         "8.4 s",
		52 * time.Second:                "52 s",
		59900 * time.Millisecond:        "1 min",
		372 * time.Second:               "6 min 12 s",
		time.Hour - time.Millisecond:    "1 h",
		65 * time.Minute:                "1 h 5 min",
		24*time.Hour - time.Second:      "1 d",
		76*time.Hour + 10*time.Minute:   "3 d 4 h",
		-90 * time.Second:               "-1 min 30 s",
		2*time.Minute + 400*time.Second: "8 min 40 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}
