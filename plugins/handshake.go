package plugins

import "github.com/hashicorp/go-plugin"

// Handshake is what host and plugin check before they talk. The cookie tells a person who starts a plugin by hand
// that it is one; it is no secret. Plugins in other languages use the same words.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "METAML_PLUGIN",
	MagicCookieValue: "1f6d3c7e-metaml-plugin-v1",
}
