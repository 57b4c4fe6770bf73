package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.adapter.unix.UnixPeer;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** The SPIFFE Workload API on one pod's socket. */
final class WorkloadApi {
  private WorkloadApi() {}

  /** The service by the standard's names, with responses that are encoded already. */
  static ServerServiceDefinition service(PodSocket socket) {
    StateEncoder encoder = socket.encoder();
    return ServerServiceDefinition.builder(SpiffeWorkloadAPIGrpc.SERVICE_NAME)
        .addMethod(
            encoded(SpiffeWorkloadAPIGrpc.getFetchX509SVIDMethod()),
            ServerCalls.asyncServerStreamingCall((_, call) -> stream(socket, encoder::svid, call)))
        .addMethod(
            encoded(SpiffeWorkloadAPIGrpc.getFetchX509BundlesMethod()),
            ServerCalls.asyncServerStreamingCall(
                (_, call) -> stream(socket, encoder::bundles, call)))
        .build();
  }

  private static <R> MethodDescriptor<R, EncodedMessage> encoded(MethodDescriptor<R, ?> method) {
    return method.toBuilder(method.getRequestMarshaller(), EncodedMessage.marshaller()).build();
  }

  private static void stream(
      PodSocket socket, StateEncoder.View view, StreamObserver<EncodedMessage> call) {
    UnixPeer peer = CallPeer.current();
    new WorkloadStream(
            socket, view, (ServerCallStreamObserver<EncodedMessage>) call, socket.consumer(peer))
        .start();
  }
}
