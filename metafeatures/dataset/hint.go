package dataset

import (
	"strings"

	"github.com/metaml/metaml/optimizers/space/spelling"
)

// didYouMean continues a "no such name" message with the near names, if there are any.
func didYouMean(name string, names []string) string {
	near := spelling.Nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = quoted(near[i])
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}
