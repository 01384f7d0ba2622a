package plugins

import "context"

// Describe starts a plugin, returns what it says about itself, and ends it. A program that is no plugin of that kind, or
// does not answer before the start's time is over, is ErrStart, ErrLost or ErrProtocol, with its name and what it said
// in a ProcessError.
func Describe(ctx context.Context, kind Kind, name string, command Command) (Description, error) {
	h := &handle{kind: kind, name: name, command: command}
	if err := h.start(ctx); err != nil {
		return Description{}, err
	}
	h.drop()
	return h.about, nil
}
