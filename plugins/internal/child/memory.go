package child

import "strings"

// RanOutOfMemory reports whether a program's last words say that memory, its own or a GPU's, ran out.
func RanOutOfMemory(words string) bool {
	for _, sign := range []string{"MemoryError", "OutOfMemoryError", "CUDA out of memory", "CUDA_ERROR_OUT_OF_MEMORY",
		"RESOURCE_EXHAUSTED", "std::bad_alloc"} {
		if strings.Contains(words, sign) {
			return true
		}
	}
	return false
}
