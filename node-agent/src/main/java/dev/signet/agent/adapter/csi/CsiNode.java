package dev.signet.agent.adapter.csi;

import dev.signet.agent.volume.PublishForm;
import dev.signet.agent.volume.VolumeException;
import dev.signet.agent.volume.VolumeFault;
import dev.signet.agent.volume.Volumes;
import dev.signet.proto.csi.v1.NodeGetCapabilitiesRequest;
import dev.signet.proto.csi.v1.NodeGetCapabilitiesResponse;
import dev.signet.proto.csi.v1.NodeGetInfoRequest;
import dev.signet.proto.csi.v1.NodeGetInfoResponse;
import dev.signet.proto.csi.v1.NodeGrpc;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.NodePublishVolumeResponse;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeRequest;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

/** CSI's Node service for inline volumes. Requests hold tokens: none is ever logged. */
final class CsiNode extends NodeGrpc.NodeImplBase {
  private final String nodeName;
  private final Volumes volumes;

  CsiNode(String nodeName, Volumes volumes) {
    this.nodeName = nodeName;
    this.volumes = volumes;
  }

  @Override
  public void nodePublishVolume(
      NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> answer) {
    try {
      volumes.publish(form(request));
    } catch (VolumeException e) {
      answer.onError(refusal(e));
      return;
    }
    answer.onNext(NodePublishVolumeResponse.getDefaultInstance());
    answer.onCompleted();
  }

  private static PublishForm form(NodePublishVolumeRequest request) {
    return new PublishForm(
        request.getVolumeId(),
        request.getTargetPath(),
        request.getStagingTargetPath(),
        switch (request.getVolumeCapability().getAccessTypeCase()) {
          case MOUNT -> PublishForm.Access.MOUNT;
          case BLOCK -> PublishForm.Access.BLOCK;
          case ACCESSTYPE_NOT_SET -> PublishForm.Access.UNSET;
        },
        request.getReadonly(),
        request.getPublishContextMap(),
        request.getSecretsMap(),
        request.getVolumeContextMap());
  }

  @Override
  public void nodeUnpublishVolume(
      NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> answer) {
    try {
      volumes.unpublish(request.getVolumeId(), request.getTargetPath());
    } catch (VolumeException e) {
      answer.onError(refusal(e));
      return;
    }
    answer.onNext(NodeUnpublishVolumeResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public void nodeGetCapabilities(
      NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> answer) {
    answer.onNext(NodeGetCapabilitiesResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> answer) {
    answer.onNext(NodeGetInfoResponse.newBuilder().setNodeId(nodeName).build());
    answer.onCompleted();
  }

  private static StatusRuntimeException refusal(VolumeException e) {
    return status(e.fault())
        .withDescription(e.fault() + ": " + e.getMessage())
        .asRuntimeException();
  }

  /** Kubelet gives up on all but UNAVAILABLE and ABORTED, so only what heals by itself is these. */
  private static Status status(VolumeFault fault) {
    return switch (fault) {
      case FIELD_MISSING,
          FIELD_MALFORMED,
          UNKNOWN_KEY,
          ACCESS_TYPE,
          STAGING_PATH,
          NOT_READ_ONLY,
          NOT_EPHEMERAL,
          TARGET_PATH,
          POD_MISMATCH,
          TOKEN_IN_BOTH_MAPS,
          TOKEN_MALFORMED,
          TOKEN_OF_ANOTHER_POD ->
          Status.INVALID_ARGUMENT;
      case TOKEN_MISSING, NODE_FAILED -> Status.UNAVAILABLE;
      case TARGET_OCCUPIED -> Status.ALREADY_EXISTS;
      case BUSY -> Status.ABORTED;
    };
  }
}
