package dev.signet.agent.adapter.ca;

import com.google.protobuf.ByteString;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.bundle.Evidence;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.AcceptedReview;
import dev.signet.agent.svid.SvidRequest;
import dev.signet.agent.upstream.PodReport;
import dev.signet.agent.upstream.SessionReport;
import dev.signet.proto.agent.v1.Acknowledgement;
import dev.signet.proto.agent.v1.AgentReview;
import dev.signet.proto.agent.v1.ConsumerCount;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.PodConsumers;
import dev.signet.proto.agent.v1.PodLeaf;
import dev.signet.proto.agent.v1.ReissueOrder;
import dev.signet.proto.agent.v1.TrustBundle;
import dev.signet.proto.agent.v1.X509Svid;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Between the wire's messages and the agent's values. */
final class CaMessages {
  private CaMessages() {}

  /** The certificates of an SVID, bounded and parsed, otherwise unchecked. */
  static List<X509Certificate> chain(X509Svid svid) {
    return PresentedX509Chain.parse(concatenated(svid.getCertificatesList())).certificates();
  }

  /** A bundle of the trust domain; each authority is checked. */
  static X509Bundle bundle(TrustDomain trustDomain, TrustBundle bundle) {
    return X509Bundle.parse(trustDomain, concatenated(bundle.getX509AuthoritiesList()));
  }

  private static byte[] concatenated(List<ByteString> certificates) {
    var out = new ByteArrayOutputStream();
    certificates.forEach(certificate -> out.writeBytes(certificate.toByteArray()));
    return out.toByteArray();
  }

  static IssueX509SvidsRequest.Item item(int id, SvidRequest request) {
    var item =
        IssueX509SvidsRequest.Item.newBuilder()
            .setId(id)
            .setToken(request.token().reveal())
            .setCsr(ByteString.copyFrom(request.csr().der()));
    request.review().ifPresent(review -> item.setAgentReview(review(review)));
    return item.build();
  }

  private static AgentReview review(AcceptedReview review) {
    var message =
        AgentReview.newBuilder()
            .addAllAudiences(review.audiences())
            .setUsername(review.username())
            .setUid(review.uid())
            .addAllGroups(review.groups());
    review
        .extra()
        .forEach((key, values) ->
            message.addExtra(AgentReview.Extra.newBuilder().setKey(key).addAllValues(values)));
    return message.build();
  }

  static Acknowledgement acknowledgement(SessionReport report) {
    var message = Acknowledgement.newBuilder().setRevision(report.revision());
    report.consumers().counts().forEach(count -> message.addCounts(count(count)));
    report.consumers().laggards().forEach(pod -> message.addLaggardPods(pod.value()));
    report.pods().forEach((pod, told) -> message.addPods(pod(pod, told)));
    report.ended().stream().map(PodUid::value).forEach(message::addEndedPods);
    return message.build();
  }

  private static PodLeaf pod(PodUid pod, PodReport told) {
    var message = PodLeaf.newBuilder().setPodUid(pod.value()).setSerial(told.serial());
    told.consumers()
        .forEach(shown ->
            message.addConsumers(
                PodConsumers.newBuilder()
                    .setEvidence(evidence(shown.evidence()))
                    .setCount(shown.consumers())
                    .setRevision(shown.revision())
                    .setSerial(shown.serial())));
    return message.build();
  }

  /** Key identifiers of issuing authorities, lower-case hex. */
  static Set<String> issuers(ReissueOrder order) {
    return order.getAuthorityKeyIdsList().stream()
        .map(id -> HexFormat.of().formatHex(id.toByteArray()))
        .filter(id -> !id.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static ConsumerCount count(ConsumerLedger.Count count) {
    return ConsumerCount.newBuilder()
        .setEvidence(evidence(count.evidence()))
        .setHolding(count.holding())
        .setTotal(count.total())
        .build();
  }

  private static dev.signet.proto.agent.v1.Evidence evidence(Evidence evidence) {
    return switch (evidence) {
      case ACKNOWLEDGED -> dev.signet.proto.agent.v1.Evidence.EVIDENCE_ACKNOWLEDGED;
      case SENT -> dev.signet.proto.agent.v1.Evidence.EVIDENCE_SENT;
      case HELD -> dev.signet.proto.agent.v1.Evidence.EVIDENCE_HELD;
      case UNSEEN -> dev.signet.proto.agent.v1.Evidence.EVIDENCE_UNSEEN;
    };
  }
}
