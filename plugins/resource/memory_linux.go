package resource

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// totalMemory returns the machine's memory or the least limit of the control groups this process is in, in bytes.
func totalMemory() int64 {
	meminfo, _ := os.ReadFile("/proc/meminfo")
	total := parseMeminfo(meminfo)
	groups, _ := os.ReadFile("/proc/self/cgroup")
	for _, limit := range groupLimits("/sys/fs/cgroup", string(groups)) {
		if total == 0 || limit < total {
			total = limit
		}
	}
	return total
}

// parseMeminfo returns MemTotal of /proc/meminfo in bytes, 0 if it is not there.
func parseMeminfo(b []byte) int64 {
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) >= 2 && fields[0] == "MemTotal:" {
			return scaled(fields[1], 10)
		}
	}
	return 0
}

// groupLimits returns the memory limits from the process's control group (version 2, "0::/path") up to the root.
func groupLimits(root, groups string) []int64 {
	var limits []int64
	for line := range strings.Lines(groups) {
		path, unified := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !unified {
			continue
		}
		for ; ; path = filepath.Dir(path) {
			b, err := os.ReadFile(filepath.Join(root, path, "memory.max"))
			if limit, parseErr := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && parseErr == nil {
				limits = append(limits, limit) // else "max", or the root, which has no such file
			}
			if path == "/" || path == "." {
				break
			}
		}
	}
	return limits
}
