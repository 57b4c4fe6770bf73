package dev.signet.ca.adapter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.internal.testing.StreamRecorder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Calls as an agent makes them, and what is expected of their ends. */
final class Calls {
  private Calls() {}

  static IssueX509SvidsRequest.Item item(int id, String token, byte[] csr) {
    return IssueX509SvidsRequest.Item.newBuilder()
        .setId(id)
        .setToken(token)
        .setCsr(ByteString.copyFrom(csr))
        .build();
  }

  static IssueX509SvidsRequest request(IssueX509SvidsRequest.Item... items) {
    return IssueX509SvidsRequest.newBuilder().addAllItems(List.of(items)).build();
  }

  static StreamRecorder<IssueX509SvidsResponse> issue(
      CertificateAuthorityServiceStub stub, IssueX509SvidsRequest request) throws Exception {
    StreamRecorder<IssueX509SvidsResponse> answers = StreamRecorder.create();
    stub.issueX509Svids(request, answers);
    assertThat(answers.awaitCompletion(15, TimeUnit.SECONDS)).isTrue();
    return answers;
  }

  /** Answers by the id of their item. */
  record Answers(Map<Integer, IssueX509SvidsResponse> byId) {
    IssueX509SvidsResponse get(int id) {
      return Objects.requireNonNull(byId.get(id), "no answer to " + id);
    }

    int count() {
      return byId.size();
    }
  }

  static Answers answers(StreamRecorder<IssueX509SvidsResponse> recorder) {
    assertThat(recorder.getError()).isNull();
    return new Answers(
        recorder.getValues().stream()
            .collect(Collectors.toMap(IssueX509SvidsResponse::getId, Function.identity())));
  }

  static StreamRecorder<AttestAgentResponse> attest(
      CertificateAuthorityServiceStub stub, String token, byte[] csr) throws Exception {
    StreamRecorder<AttestAgentResponse> answers = StreamRecorder.create();
    stub.attestAgent(
        AttestAgentRequest.newBuilder().setToken(token).setCsr(ByteString.copyFrom(csr)).build(),
        answers);
    assertThat(answers.awaitCompletion(15, TimeUnit.SECONDS)).isTrue();
    return answers;
  }

  static void assertRefused(StreamRecorder<?> recorder, Status.Code code, RefusalReason reason) {
    assertThat(recorder.getError()).isNotNull();
    Status status = Status.fromThrowable(recorder.getError());
    assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
    assertThat(status.getDescription()).as("the code and nothing more").isEqualTo(reason.name());
    assertThat(trailers(recorder).get(RefusalStatus.REASON)).isEqualTo(reason.name());
  }

  static Metadata trailers(StreamRecorder<?> recorder) {
    return Objects.requireNonNull(
        Status.trailersFromThrowable(Objects.requireNonNull(recorder.getError())));
  }
}
