package plugins

import (
	"bytes"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// FuzzDescription decodes what any program says about itself: it is refused, or comes back as it is.
func FuzzDescription(f *testing.F) {
	s, err := space.New([]space.Hyperparameter{{Name: "x", High: 1}})
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range []Description{
		{},
		{Name: "a", Version: "1", Lock: "00", Settings: []byte(`{"type":"object"}`), Capabilities: Capabilities{Prior: true, Objectives: 3}},
		{Name: "b", Spaces: map[string]space.Space{"regression": s}, Fidelities: []study.Range{{Name: "rows", Low: .1, High: 1}},
			Metrics: map[string][]study.Objective{"regression": {{Metric: "r2", Maximize: true}}}},
	} {
		m, err := encodeDescription(d)
		if err != nil {
			f.Fatal(err)
		}
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m pb.DescribeResponse
		if proto.Unmarshal(b, &m) != nil {
			return
		}
		d, err := decodeDescription(&m)
		if err != nil {
			return
		}
		again, err := encodeDescription(d)
		if err != nil {
			t.Fatalf("%+v was read and cannot be written: %v", d, err)
		}
		back, err := decodeDescription(again)
		if err != nil || !reflect.DeepEqual(back, d) {
			t.Fatalf("%+v came back as %+v, %v", d, back, err)
		}
	})
}

// FuzzHandshake has a process print anything, in two pieces: the first line alone is passed on, a longer one than there
// may be is cut, and the rest goes elsewhere.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte("1|1|unix|/tmp/s|grpc\nhello\n"), 5)
	f.Add([]byte("no line"), 2)
	f.Add([]byte("\n\n"), 1)
	f.Fuzz(func(t *testing.T, said []byte, cut int) {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cut = min(max(cut, 0), len(said))
		go func() {
			_, _ = out.Write(said[:cut])
			_, _ = out.Write(said[cut:])
			_ = out.Close()
		}()
		var rest bytes.Buffer
		r := &handshakeReader{pipe: in, rest: &rest}
		passed, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got := append(bytes.Clone(passed), rest.Bytes()...); !bytes.Equal(got, said) {
			t.Fatalf("%q and %q are not %q", passed, rest.Bytes(), said)
		}
		if end := bytes.IndexByte(said, '\n'); end >= 0 && end < longestHandshake && len(passed) != end+1 {
			t.Fatalf("%q is passed on of %q", passed, said)
		}
		if line := r.firstLine(); len(line) > 200 || strings.ToValidUTF8(line, "") != line {
			t.Fatalf("the line is shown as %q", line)
		}
	})
}
