package dataset

import (
	"fmt"
	"strings"
)

// kindNames spells the kinds as in messages, options and staged tables.
var kindNames = [...]string{"numeric", "categorical", "boolean", "date", "text", "identifier", "constant", "missing"}

// String spells a kind: numeric, categorical, boolean, date, text, identifier, constant or missing.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// ParseKind reads what Kind.String writes; an unknown word is an ErrOption.
func ParseKind(s string) (Kind, error) {
	for i, n := range kindNames {
		if n == s {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("%w: there is no kind of column %q; there are %s%s",
		ErrOption, s, strings.Join(kindNames[:Constant], ", "), didYouMean(s, kindNames[:]))
}
