package main

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// A CSI driver whose volumes are empty folders: what any volume of this kind costs, whoever serves it.
type emptyVolumes struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedNodeServer
	registration.UnimplementedRegistrationServer
	name, node, endpoint string
}

func (d *emptyVolumes) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{Type: registration.CSIPlugin, Name: d.name, Endpoint: d.endpoint, SupportedVersions: []string{"1.0.0"}}, nil
}

func (d *emptyVolumes) NotifyRegistrationStatus(_ context.Context, s *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	say("registration", event{"registered": s.PluginRegistered, "error": s.Error})
	return &registration.RegistrationStatusResponse{}, nil
}

func (d *emptyVolumes) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: d.name, VendorVersion: "1"}, nil
}

func (d *emptyVolumes) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{}, nil
}

func (d *emptyVolumes) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *emptyVolumes) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: d.node}, nil
}

func (d *emptyVolumes) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (d *emptyVolumes) NodePublishVolume(_ context.Context, r *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	return &csi.NodePublishVolumeResponse{}, os.MkdirAll(r.GetTargetPath(), 0o755)
}

func (d *emptyVolumes) NodeUnpublishVolume(_ context.Context, r *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if err := os.Remove(r.GetTargetPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

func emptyCSI(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("empty-csi", flag.ExitOnError)
	name := flags.String("name", "empty.test", "name of the driver")
	kubelet := flags.String("kubelet-dir", "/var/lib/kubelet", "kubelet's root folder")
	_ = flags.Parse(args)
	folder := filepath.Join(*kubelet, "plugins", *name)
	driver := &emptyVolumes{name: *name, node: os.Getenv("NODE_NAME"), endpoint: filepath.Join(folder, "csi.sock")}
	server := grpc.NewServer()
	csi.RegisterIdentityServer(server, driver)
	csi.RegisterNodeServer(server, driver)
	registration.RegisterRegistrationServer(server, driver)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fail(err)
	}
	ended := make(chan error, 2)
	// Registered once it can answer.
	for _, path := range []string{driver.endpoint, filepath.Join(*kubelet, "plugins_registry", *name+"-reg.sock")} {
		_ = os.Remove(path)
		listener, err := net.Listen("unix", path)
		if err != nil {
			return fail(err)
		}
		go func() { ended <- server.Serve(listener) }()
	}
	select {
	case <-ctx.Done():
		server.Stop()
		return 0
	case err := <-ended:
		return fail(err)
	}
}
