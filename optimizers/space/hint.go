package space

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space/spelling"
)

// didYouMean names the candidate that word is likeliest to mean, as the end of a message.
func didYouMean(word string, candidates []string) string {
	near := spelling.Nearest(word, candidates)
	if len(near) == 0 {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near[0])
}
