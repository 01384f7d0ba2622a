package report

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser is a page in a headless Chromium, driven over its debugging pipe.
type browser struct {
	t        testing.TB
	in       io.Writer
	out      *bufio.Reader
	session  string
	next     int
	problems []string // console errors, exceptions, policy violations and requests since the page was opened
	loaded   bool
}

// openBrowser starts Chromium, or skips the test where there is none.
func openBrowser(t testing.TB) *browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on PATH: install chromium to look at the report in a browser")
	}
	toBrowser, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	out.SetReadDeadline(time.Now().Add(2 * time.Minute))
	b := &browser{t: t, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		b.send("Browser.close", nil)
		in.Close()
		cmd.Wait()
		out.Close()
	})
	b.attach()
	return b
}

// attach takes hold of the browser's page.
func (b *browser) attach() {
	var targets struct {
		TargetInfos []struct{ TargetID, Type string }
	}
	b.call("Target.getTargets", nil, &targets)
	for _, target := range targets.TargetInfos {
		if target.Type == "page" {
			var got struct{ SessionID string }
			b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &got)
			b.session = got.SessionID
		}
	}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
}

// message is what travels over the pipe, NUL behind each.
type message struct {
	ID        int                       `json:"id,omitempty"`
	Method    string                    `json:"method,omitempty"`
	SessionID string                    `json:"sessionId,omitempty"`
	Params    any                       `json:"params,omitempty"`
	Result    json.RawMessage           `json:"result,omitempty"`
	Error     *struct{ Message string } `json:"error,omitempty"`
}

func (b *browser) send(method string, params any) int {
	b.next++
	text, err := json.Marshal(message{ID: b.next, Method: method, SessionID: b.session, Params: params})
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	if err != nil && !errors.Is(err, os.ErrClosed) {
		b.t.Errorf("%s: %v", method, err)
	}
	return b.next
}

// call sends a command and reads until its answer, noting events on the way.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	id := b.send(method, params)
	for {
		m := b.read()
		if m.ID != id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

func (b *browser) read() message {
	b.t.Helper()
	text, err := b.out.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("Chromium is gone: %v", err)
	}
	m := message{Params: &json.RawMessage{}}
	if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m); err != nil {
		b.t.Fatal(err)
	}
	params := string(*m.Params.(*json.RawMessage))
	switch m.Method {
	case "Page.loadEventFired":
		b.loaded = true
	case "Runtime.exceptionThrown", "Log.entryAdded":
		b.problems = append(b.problems, m.Method+": "+params)
	case "Runtime.consoleAPICalled":
		if strings.Contains(params, `"type":"error"`) || strings.Contains(params, `"type":"warning"`) {
			b.problems = append(b.problems, m.Method+": "+params)
		}
	case "Network.requestWillBeSent":
		if !strings.Contains(params, `"url":"file://`) && !strings.Contains(params, `"url":"data:`) {
			b.problems = append(b.problems, m.Method+": "+params)
		}
	}
	return m
}

// open loads a file in a window of that size, in the system's light or dark theme.
func (b *browser) open(path string, width, height int, theme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": theme}}}, nil)
	b.problems, b.loaded = nil, false
	b.call("Page.navigate", map[string]any{"url": (&url.URL{Scheme: "file", Path: path}).String()}, nil)
	for !b.loaded {
		b.read()
	}
}

// eval runs an expression in the page and reads its value.
func (b *browser) eval(expression string, value any) {
	b.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &got)
	if got.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, got.ExceptionDetails.Exception.Description)
	}
	if value == nil {
		return
	}
	if err := json.Unmarshal(got.Result.Value, value); err != nil {
		b.t.Fatalf("%s: %v in %q", expression, err, got.Result.Value)
	}
}

// look fails the test if the page complained or asked for anything, and where METAML_SCREENSHOTS names a folder saves
// pictures of the whole page there, a screen each.
func (b *browser) look(name string) {
	b.t.Helper()
	for _, p := range b.problems {
		b.t.Errorf("%s: %s", name, p)
	}
	folder := os.Getenv("METAML_SCREENSHOTS")
	if folder == "" {
		return
	}
	var width, height float64
	b.eval("document.documentElement.scrollWidth", &width)
	b.eval("document.documentElement.scrollHeight", &height)
	const screen = 1400
	for y, n := 0.0, 1; y < height; y, n = y+screen, n+1 {
		clip := map[string]any{"x": 0, "y": y, "width": width, "height": min(screen, height-y), "scale": 1}
		var got struct{ Data string }
		b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "format": "png", "clip": clip}, &got)
		png, err := base64.StdEncoding.DecodeString(got.Data)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, n)), png, 0o644)
		}
		if err != nil {
			b.t.Error(err)
		}
	}
}
