package dev.signet.agent.adapter.csi;

import dev.signet.proto.kubelet.pluginregistration.InfoRequest;
import dev.signet.proto.kubelet.pluginregistration.PluginInfo;
import dev.signet.proto.kubelet.pluginregistration.RegistrationGrpc;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatus;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatusResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;

/** Answers kubelet's question who is behind the socket in its plugins_registry. */
final class CsiRegistration extends RegistrationGrpc.RegistrationImplBase {
  private final Path csiSocket;
  private final RegistrationListener listener;

  CsiRegistration(Path csiSocket, RegistrationListener listener) {
    this.csiSocket = csiSocket;
    this.listener = listener;
  }

  @Override
  public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
    answer.onNext(
        PluginInfo.newBuilder()
            .setType("CSIPlugin")
            .setName(CsiDriver.NAME)
            .setEndpoint(csiSocket.toString())
            .addSupportedVersions("1.0.0")
            .build());
    answer.onCompleted();
  }

  @Override
  public void notifyRegistrationStatus(
      RegistrationStatus status, StreamObserver<RegistrationStatusResponse> answer) {
    if (status.getPluginRegistered()) {
      listener.registered();
    } else {
      listener.refused(status.getError());
    }
    answer.onNext(RegistrationStatusResponse.getDefaultInstance());
    answer.onCompleted();
  }
}
