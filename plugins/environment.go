package plugins

import (
	"slices"
	"strings"
)

// allowedNames are the variables that a plugin gets from the host: where programs, libraries and folders are, the
// language, and what steers numerical libraries and accelerators.
func allowedNames() []string {
	return []string{
		"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
		"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"VECLIB_MAXIMUM_THREADS", "NUMEXPR_MAX_THREADS", "LOKY_MAX_CPU_COUNT",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
		"PROGRAMDATA", "PROGRAMFILES",
	}
}

// allowedPrefixes are the families of such variables.
func allowedPrefixes() []string {
	return []string{
		"LC_", "XDG_", "OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "NUMEXPR_", "CUDA_", "NVIDIA_",
		"HIP_", "ROCR_", "METAML_",
	}
}

// secretWords mark variables that are never handed on, whatever they begin with.
func secretWords() []string {
	return []string{"TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "KEY"}
}

// Environment returns those of the variables (NAME=value, as os.Environ gives them) that a plugin may see. A plugin
// is somebody else's program, and the host's environment may hold credentials that are none of its business.
func Environment(variables []string) []string {
	names, prefixes, secrets := allowedNames(), allowedPrefixes(), secretWords()
	var out []string
	for _, variable := range variables {
		name, _, found := strings.Cut(variable, "=")
		name = strings.ToUpper(name)
		has := func(part string) bool { return strings.Contains(name, part) }
		begins := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
		if !found || name == Handshake.MagicCookieKey || slices.ContainsFunc(secrets, has) {
			continue
		}
		if slices.Contains(names, name) || slices.ContainsFunc(prefixes, begins) {
			out = append(out, variable)
		}
	}
	return out
}
