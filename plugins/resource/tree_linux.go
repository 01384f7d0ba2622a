package resource

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// TreeMemory returns the memory, in bytes, that a process, its descendants and the members of the process group it
// leads hold together. Pages that several of them share (forks share most) are counted once. Processes that end
// meanwhile count as nothing; an error means that nothing could be measured.
func TreeMemory(pid int) (int64, error) { return sumTree(pid, proportional) }

// TreeResident returns an upper bound of TreeMemory at a fraction of its cost: shared pages count for every process
// that has them.
func TreeResident(pid int) (int64, error) { return sumTree(pid, resident) }

func sumTree(root int, measure func(pid int) (int64, error)) (int64, error) {
	pids, err := Tree(root)
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

// Tree returns a process, its descendants and the members of the process group it leads.
func Tree(root int) ([]int, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer func() { _ = proc.Close() }()
	names, err := proc.Readdirnames(-1)
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
	var buffer [1024]byte // more than a stat file has before the fields that matter
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue // no process
		}
		parent, group, err := parseStat(readSmall("/proc/"+name+"/stat", buffer[:]))
		if err != nil {
			continue // it ended
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

// readSmall reads the beginning of a file of /proc with as few system calls as there can be: a scan reads hundreds,
// and often. It returns nothing if there is nothing to read.
func readSmall(path string, buffer []byte) []byte {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer func() { _ = syscall.Close(fd) }()
	n, err := syscall.Read(fd, buffer)
	if err != nil {
		return nil
	}
	return buffer[:n]
}

// parseStat reads /proc/PID/stat: "PID (NAME) STATE PARENT GROUP …", where NAME may contain anything, parentheses
// included.
func parseStat(b []byte) (parent, group int, err error) {
	fields := bytes.SplitN(b[bytes.LastIndexByte(b, ')')+1:], []byte(" "), 5)
	if len(fields) < 4 || len(fields[0]) > 0 {
		return 0, 0, fmt.Errorf("%q is not a process's stat", b)
	}
	parent, err = strconv.Atoi(string(fields[2]))
	if err == nil {
		group, err = strconv.Atoi(string(fields[3]))
	}
	return parent, group, err
}

// resident returns a process's resident set size in bytes.
func resident(pid int) (int64, error) {
	path := fmt.Sprintf("/proc/%d/statm", pid)
	var buffer [256]byte
	fields := bytes.Fields(readSmall(path, buffer[:]))
	if len(fields) < 2 {
		return 0, fmt.Errorf("%s: cannot be read", path)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
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
