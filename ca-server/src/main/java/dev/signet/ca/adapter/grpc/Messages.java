package dev.signet.ca.adapter.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.UnsafeByteOperations;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenReview;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.session.Acknowledgement;
import dev.signet.ca.session.Holding;
import dev.signet.ca.session.PodWord;
import dev.signet.ca.session.RemovalCause;
import dev.signet.ca.svid.SvidAnswer;
import dev.signet.ca.svid.SvidRequest;
import dev.signet.proto.agent.v1.AgentReview;
import dev.signet.proto.agent.v1.ConsumerCount;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.proto.agent.v1.PodLeaf;
import dev.signet.proto.agent.v1.ReissueOrder;
import dev.signet.proto.agent.v1.Removal;
import dev.signet.proto.agent.v1.X509Svid;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Between what goes over the wire and the domain's own words. */
final class Messages {
  private Messages() {}

  static X509Svid svid(IssuedSvid svid) {
    X509Svid.Builder message = X509Svid.newBuilder().setSpiffeId(svid.id().toString());
    svid.chain().forEach(certificate -> message.addCertificates(der(certificate)));
    return message.build();
  }

  static dev.signet.proto.agent.v1.TrustBundle bundle(TrustBundle bundle) {
    dev.signet.proto.agent.v1.TrustBundle.Builder message =
        dev.signet.proto.agent.v1.TrustBundle.newBuilder().setRevision(bundle.revision());
    bundle.x509().authorities().forEach(authority -> message.addX509Authorities(der(authority)));
    return message.build();
  }

  static SvidRequest request(IssueX509SvidsRequest.Item item) {
    return new SvidRequest(
        item.getToken(),
        item.getCsr().toByteArray(),
        item.hasAgentReview() ? Optional.of(review(item.getAgentReview())) : Optional.empty());
  }

  /** An agent sends positive answers only. A key that comes twice has the values of both. */
  private static TokenReview review(AgentReview message) {
    Map<String, List<String>> extra = new HashMap<>();
    for (AgentReview.Extra entry : message.getExtraList()) {
      extra.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>()).addAll(entry.getValuesList());
    }
    return new TokenReview(
        true,
        "",
        message.getAudiencesList(),
        message.getUsername(),
        message.getUid(),
        message.getGroupsList(),
        extra);
  }

  static IssueX509SvidsResponse answer(int id, SvidAnswer answer) {
    IssueX509SvidsResponse.Builder message = IssueX509SvidsResponse.newBuilder().setId(id);
    return switch (answer) {
      case SvidAnswer.Issued(IssuedSvid svid) -> message.setSvid(svid(svid)).build();
      case SvidAnswer.NotIssued(Refusal refusal) -> message.setRefusal(refusal(refusal)).build();
    };
  }

  static dev.signet.proto.agent.v1.Refusal refusal(Refusal refusal) {
    dev.signet.proto.agent.v1.Refusal.Builder message =
        dev.signet.proto.agent.v1.Refusal.newBuilder()
            .setReason(refusal.reason().name())
            .setRetryable(refusal.reason().retryable());
    refusal
        .retryAfter()
        .ifPresent(wait ->
            message.setRetryAfter(
                Duration.newBuilder().setSeconds(wait.toSeconds()).setNanos(wait.toNanosPart())));
    return message.build();
  }

  static Removal removal(String podUid, RemovalCause cause) {
    return Removal.newBuilder()
        .setPodUid(podUid)
        .setCause(
            switch (cause) {
              case TERMINATING -> Removal.Cause.CAUSE_TERMINATING;
              case FINISHED -> Removal.Cause.CAUSE_FINISHED;
              case DELETED -> Removal.Cause.CAUSE_DELETED;
            })
        .build();
  }

  /**
   * Writes an order to replace leaves.
   *
   * @param authorityKeyIds lower-case hex
   */
  static ReissueOrder reissue(Set<String> authorityKeyIds) {
    ReissueOrder.Builder message = ReissueOrder.newBuilder();
    authorityKeyIds.stream()
        .sorted()
        .map(id -> ByteString.copyFrom(HexFormat.of().parseHex(id)))
        .forEach(message::addAuthorityKeyIds);
    return message.build();
  }

  /**
   * Reads an acknowledgement.
   *
   * @throws RefusedException with {@link RefusalReason#REQUEST_MALFORMED} if it breaks a bound
   */
  static Acknowledgement acknowledgement(dev.signet.proto.agent.v1.Acknowledgement message)
      throws RefusedException {
    try {
      Map<String, PodWord> pods = new HashMap<>();
      for (PodLeaf pod : message.getPodsList()) {
        pods.put(pod.getPodUid(), word(pod));
      }
      return new Acknowledgement(
          message.getRevision(),
          counts(message),
          new HashSet<>(message.getLaggardPodsList()),
          pods,
          new HashSet<>(message.getEndedPodsList()));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          RefusalReason.REQUEST_MALFORMED, "acknowledgement: " + e.getMessage(), e);
    }
  }

  private static Map<Evidence, Holding> counts(dev.signet.proto.agent.v1.Acknowledgement message) {
    Map<Evidence, Holding> counts = new EnumMap<>(Evidence.class);
    for (ConsumerCount count : message.getCountsList()) {
      Evidence evidence = evidence(count.getEvidence(), count.getEvidenceValue());
      if (evidence != Evidence.ACKNOWLEDGED && evidence != Evidence.SENT) {
        throw new IllegalArgumentException(evidence + " is of a pod, not of its consumers");
      }
      Holding holding =
          new Holding(
              Integer.toUnsignedLong(count.getHolding()), Integer.toUnsignedLong(count.getTotal()));
      if (counts.put(evidence, holding) != null) {
        throw new IllegalArgumentException(evidence + " comes twice");
      }
    }
    return counts;
  }

  private static PodWord word(PodLeaf pod) {
    return new PodWord(
        pod.getSerial(),
        pod.getConsumersList().stream()
            .map(seen ->
                new AgentReport.Seen(
                    evidence(seen.getEvidence(), seen.getEvidenceValue()),
                    seen.getCount(),
                    seen.getRevision(),
                    seen.getSerial()))
            .toList());
  }

  private static Evidence evidence(dev.signet.proto.agent.v1.Evidence evidence, int number) {
    return switch (evidence) {
      case EVIDENCE_ACKNOWLEDGED -> Evidence.ACKNOWLEDGED;
      case EVIDENCE_SENT -> Evidence.SENT;
      case EVIDENCE_HELD -> Evidence.HELD;
      case EVIDENCE_UNSEEN -> Evidence.UNSEEN;
      // A class that this server does not know must not be counted as one that it does.
      case EVIDENCE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown evidence " + number);
    };
  }

  private static ByteString der(X509Certificate certificate) {
    try {
      return UnsafeByteOperations.unsafeWrap(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate of ours has no encoding", e);
    }
  }
}
