package resource

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lab is a machine with a large GPU, one that somebody else uses, and a small one. The memory is as nvidia-smi told it
// of an H100, an A100 and a T4.
func lab() Machine {
	return Machine{Cores: 12, Memory: 120 << 30, GPUs: []GPU{
		{0, "GPU-a", "NVIDIA H100 80GB HBM3", 81559 << 20, 81089 << 20},
		{1, "GPU-b", "NVIDIA A100-SXM4-40GB", 40960 << 20, 12000 << 20},
		{2, "GPU-c", "Tesla T4", 15360 << 20, 15100 << 20}}}
}

func TestAsked(t *testing.T) {
	for s, want := range map[Sharing]bool{{}: false, {PerGPU: 1}: true, {Memory: 1}: true} {
		if s.Asked() != want {
			t.Errorf("%+v: %v", s, !want)
		}
	}
}

func TestRoom(t *testing.T) {
	silent := Machine{GPUs: []GPU{{Index: 3, UUID: "GPU-d", Name: "NVIDIA GB10"}}}
	for _, c := range []struct {
		m    Machine
		s    Sharing
		want []int
		err  string
	}{
		{lab(), Sharing{PerGPU: 2}, []int{2, 2, 2}, ""},
		{lab(), Sharing{Memory: 10 << 30}, []int{7, 1, 1}, ""},
		{lab(), Sharing{Memory: 6 << 30, PerGPU: 4}, []int{4, 1, 2}, ""},
		{lab(), Sharing{Memory: 20 << 30}, []int{3, 0, 0}, ""},
		{silent, Sharing{PerGPU: 3}, []int{3}, ""},
		{lab(), Sharing{Memory: 100 << 30}, nil, "no GPU has 102400 MiB of free memory (GPU 0: 81089 of 81559 MiB)"},
		{silent, Sharing{Memory: 1 << 30}, nil, "GPU 3 (NVIDIA GB10) does not tell"},
		{Machine{Cores: 4}, Sharing{PerGPU: 1}, nil, "no GPU"},
	} {
		got, err := c.m.Room(c.s)
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") {
			t.Errorf("%+v: %v, %v; want %v", c.s, got, err, c.want)
		}
		if err != nil && (!errors.Is(err, ErrNoRoom) || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.err)
		}
	}
}

func TestShared(t *testing.T) {
	for _, c := range []struct {
		room []int
		n    int
		want string // threads and GPU per slot
	}{
		{[]int{2, 2, 2}, 0, "2:a 2:b 2:c 2:a 2:b 2:c"},
		{[]int{3, 0, 1}, 0, "3:a 3:c 3:a 3:a"},
		{[]int{3, 0, 1}, 2, "6:a 6:c"},
		{[]int{0, 1, 0}, 1, "12:b"},
	} {
		slots, err := lab().Shared(c.room, c.n)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range slots {
			if len(s.GPUs) != 1 || s.Memory != (120<<30)/int64(len(slots)) {
				t.Errorf("slot %+v", s)
			}
			got = append(got, fmt.Sprintf("%d:%s", s.Threads, strings.TrimPrefix(s.GPUs[0].UUID, "GPU-")))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("room %v for %d: %q, want %q", c.room, c.n, got, c.want)
		}
	}
	if _, err := lab().Shared([]int{1, 1, 1}, 4); !errors.Is(err, ErrNoRoom) || !strings.Contains(err.Error(), "room for 3") {
		t.Errorf("four evaluations on three places: %v", err)
	}
}
