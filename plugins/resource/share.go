package resource

import (
	"errors"
	"fmt"
)

// ErrNoRoom is what every error about GPUs that are not there, or too small, is, by errors.Is.
var ErrNoRoom = errors.New("no room on the GPUs")

// Sharing says how many evaluations at once share a GPU, of which each then sees one. The zero Sharing leaves that
// open.
type Sharing struct {
	PerGPU int   // at most so many; 0: as many as Memory allows
	Memory int64 // bytes of a GPU's memory that one evaluation needs; 0: not known
}

// Asked reports whether anything is asked for.
func (s Sharing) Asked() bool { return s != Sharing{} }

// Room returns how many evaluations each of the machine's GPUs takes. It goes by the memory that is free, so that what
// others run there is let alone. Errors are ErrNoRoom: there is no GPU, or none with room, or one does not tell its
// memory.
func (m Machine) Room(s Sharing) ([]int, error) {
	if len(m.GPUs) == 0 {
		return nil, fmt.Errorf("this machine has no GPU: %w", ErrNoRoom)
	}
	room := make([]int, len(m.GPUs))
	total := 0
	for i, g := range m.GPUs {
		room[i] = s.PerGPU
		if s.Memory > 0 {
			if g.Memory == 0 {
				return nil, fmt.Errorf("GPU %d (%s) does not tell how much memory it has: %w", g.Index, g.Name, ErrNoRoom)
			}
			fits := int(g.Free / s.Memory)
			if room[i] = fits; s.PerGPU > 0 {
				room[i] = min(fits, s.PerGPU)
			}
		}
		total += room[i]
	}
	if total == 0 {
		return nil, fmt.Errorf("no GPU has %d MiB of free memory (GPU %d: %d of %d MiB): %w", s.Memory>>20,
			m.GPUs[0].Index, m.GPUs[0].Free>>20, m.GPUs[0].Memory>>20, ErrNoRoom)
	}
	return room, nil
}

// Shared divides the machine into n slots with one GPU each, of which each GPU gets at most its room; neighbours are on
// different GPUs as far as possible. A n of 0 means as many as there is room for. The error is ErrNoRoom if n is more.
func (m Machine) Shared(room []int, n int) ([]Slot, error) {
	var gpus []GPU
	for round, found := 0, true; found; round++ {
		found = false
		for i, g := range m.GPUs {
			if round < room[i] {
				gpus, found = append(gpus, g), true
			}
		}
	}
	if n == 0 {
		n = len(gpus)
	}
	if n > len(gpus) {
		return nil, fmt.Errorf("%d evaluations at once, but the GPUs have room for %d: %w", n, len(gpus), ErrNoRoom)
	}
	slots := Machine{Cores: m.Cores, Memory: m.Memory}.Slots(n)
	for i := range slots {
		slots[i].GPUs = gpus[i : i+1]
	}
	return slots, nil
}
