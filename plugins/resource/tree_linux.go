package resource

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// TreeMemory returns the memory, in bytes, that a process, its descendants and the members of the process group it
// leads hold together. Pages that several of them share (forks share most) are counted once. Processes that end
// meanwhile count as nothing; an error means that nothing could be measured.
func TreeMemory(pid int) (int64, error) { return sumTree(pid, proportional) }

// TreeResident returns an upper bound of TreeMemory at a fraction of its cost: shared pages count for every process
// that has them.
func TreeResident(pid int) (int64, error) { return sumTree(pid, resident) }

func sumTree(root int, measure func(pid int) (int64, error)) (int64, error) {
	pids, err := tree(root)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, pid := range pids {
		if bytes, err := measure(pid); err == nil {
			sum += bytes
		}
	}
	return sum, nil
}

// tree returns the process, its descendants and the members of the process group it leads.
func tree(root int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	pids := []int{root}
	seen := map[int]bool{root: true}
	add := func(pid int) {
		if !seen[pid] {
			seen[pid] = true
			pids = append(pids, pid)
		}
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		pid, parent, group, err := parseStat(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		children[parent] = append(children[parent], pid)
		if group == root {
			add(pid)
		}
	}
	for i := 0; i < len(pids); i++ {
		for _, child := range children[pids[i]] {
			add(child)
		}
	}
	return pids, nil
}

// parseStat reads /proc/PID/stat: "PID (NAME) STATE PARENT GROUP …", where NAME may contain anything, parentheses
// included.
func parseStat(b []byte) (pid, parent, group int, err error) {
	opening, closing := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if opening < 0 || closing < opening {
		return 0, 0, 0, errors.New("no name in parentheses")
	}
	var state string
	if _, err := fmt.Sscan(string(b[closing+1:]), &state, &parent, &group); err != nil {
		return 0, 0, 0, fmt.Errorf("state, parent, group: %w", err)
	}
	pid, err = strconv.Atoi(string(bytes.TrimSpace(b[:opening])))
	return pid, parent, group, err
}

// resident returns a process's resident set size in bytes.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(b), &size, &pages); err != nil {
		return 0, err
	}
	return pages * int64(os.Getpagesize()), nil
}

// proportional returns a process's proportional set size in bytes: its own pages and its share of shared ones.
func proportional(pid int) (int64, error) {
	path := fmt.Sprintf("/proc/%d/smaps_rollup", pid)
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(b) {
		if fields := bytes.Fields(line); len(fields) >= 2 && string(fields[0]) == "Pss:" {
			kib, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("%s: no Pss", path)
}
