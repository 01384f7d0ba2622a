package plugins

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

const (
	// parentPeriod is how often a plugin looks whether its host is still there.
	parentPeriod = 500 * time.Millisecond
	// largestMessage bounds a message in bytes; gRPC's default of 4 MB is less than a prior can be.
	largestMessage = 256 << 20
)

// serve answers the host over go-plugin until the host asks the plugin to end or dies. It returns when the host
// asked; the plugin's main function then returns too. Settle is called before a plugin ends for any other reason.
func serve(kind Kind, settle func(), register func(*grpc.Server)) {
	endWithHost(settle)
	direct := directOutput{stderr: os.Stderr}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: Handshake,
		Plugins:         plugin.PluginSet{string(kind): service{register: register}},
		Logger:          hclog.New(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Off}),
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, grpc.MaxRecvMsgSize(largestMessage),
				grpc.UnaryInterceptor(direct.unary), grpc.StreamInterceptor(direct.stream))...)
		},
	})
}

// directOutput undoes what go-plugin does to os.Stdout and os.Stderr once it serves: it sends them over the
// connection, where the last words of a process that crashes are lost. Both go to the real standard error instead,
// from before the first call of the host is answered.
type directOutput struct {
	stderr *os.File
	once   sync.Once
}

func (d *directOutput) restore() { d.once.Do(func() { os.Stdout, os.Stderr = d.stderr, d.stderr }) }

func (d *directOutput) unary(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (any, error) {
	d.restore()
	return handle(ctx, request)
}

func (d *directOutput) stream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	d.restore()
	return handle(server, stream)
}

// endWithHost ends this process, and its process group if it leads one, when asked to terminate or when the host is
// gone.
func endWithHost(settle func()) {
	end := sync.OnceFunc(func() {
		settle()
		removeSocket(os.Getenv(plugin.EnvUnixSocketDir))
		endGroup()
	})
	host := os.Getppid()
	go func() {
		for range time.Tick(parentPeriod) {
			if os.Getppid() != host {
				end()
			}
		}
	}()
	onTerminate(end)
}

// removeSocket removes the plugin's socket and the folders that the host made for it, which the host cannot do when it
// was killed. Folders with anything else in them stay.
func removeSocket(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if entry.Type()&os.ModeSocket != 0 {
			_ = os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
	if len(entries) > 0 && os.Remove(folder) == nil {
		_ = os.Remove(filepath.Dir(folder))
	}
}

// describe answers a Describe call.
func describe(d Description) (*pb.DescribeResponse, error) {
	m, err := encodeDescription(d)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "description: %v", err)
	}
	return m, nil
}
