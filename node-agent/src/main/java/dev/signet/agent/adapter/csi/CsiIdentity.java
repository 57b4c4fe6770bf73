package dev.signet.agent.adapter.csi;

import com.google.protobuf.BoolValue;
import dev.signet.proto.csi.v1.GetPluginCapabilitiesRequest;
import dev.signet.proto.csi.v1.GetPluginCapabilitiesResponse;
import dev.signet.proto.csi.v1.GetPluginInfoRequest;
import dev.signet.proto.csi.v1.GetPluginInfoResponse;
import dev.signet.proto.csi.v1.IdentityGrpc;
import dev.signet.proto.csi.v1.ProbeRequest;
import dev.signet.proto.csi.v1.ProbeResponse;
import io.grpc.stub.StreamObserver;

/** CSI's Identity service of a driver without a controller. */
final class CsiIdentity extends IdentityGrpc.IdentityImplBase {
  private final String version;

  CsiIdentity(String version) {
    this.version = version;
  }

  @Override
  public void getPluginInfo(
      GetPluginInfoRequest request, StreamObserver<GetPluginInfoResponse> answer) {
    answer.onNext(
        GetPluginInfoResponse.newBuilder()
            .setName(CsiDriver.NAME)
            .setVendorVersion(version)
            .build());
    answer.onCompleted();
  }

  @Override
  public void getPluginCapabilities(
      GetPluginCapabilitiesRequest request, StreamObserver<GetPluginCapabilitiesResponse> answer) {
    answer.onNext(GetPluginCapabilitiesResponse.getDefaultInstance());
    answer.onCompleted();
  }

  /** Ready as soon as it answers: a volume can be published while the CA is away. */
  @Override
  public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
    answer.onNext(ProbeResponse.newBuilder().setReady(BoolValue.of(true)).build());
    answer.onCompleted();
  }
}
