// Package metamlv1 is the protocol between metaml and its plugin processes: plugin.proto and the Go code generated
// from it, nothing else. Package plugins alone uses it; everything else sees domain types.
package metamlv1

//go:generate protoc -I ../.. --go_out=../../../.. --go_opt=module=github.com/metaml/metaml --go-grpc_out=../../../.. --go-grpc_opt=module=github.com/metaml/metaml metaml/v1/plugin.proto
