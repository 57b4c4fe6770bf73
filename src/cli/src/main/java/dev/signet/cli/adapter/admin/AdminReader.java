package dev.signet.cli.adapter.admin;

import com.google.protobuf.Timestamp;
import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.ReplicaReport;
import dev.signet.ca.rotation.Since;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import dev.signet.cli.trust.CaRefusedException;
import dev.signet.proto.admin.v1.ConsumerClass;
import dev.signet.proto.admin.v1.Node;
import dev.signet.proto.admin.v1.StepKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * From what came over the wire to the CA's own words. What this release does not know is an error:
 * a state that is left out could be the one that matters.
 */
final class AdminReader {
  private AdminReader() {}

  /** A value of a later release. */
  private static final class UnknownException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnknownException(Object value) {
      super(String.valueOf(value));
    }
  }

  static Overview overview(dev.signet.proto.admin.v1.Overview message) throws CaRefusedException {
    try {
      return read(message);
    } catch (UnknownException | IllegalArgumentException e) {
      throw unknown(e);
    }
  }

  static Gate gate(dev.signet.proto.admin.v1.Gate message) throws CaRefusedException {
    try {
      return read(message);
    } catch (UnknownException | IllegalArgumentException e) {
      throw unknown(e);
    }
  }

  private static CaRefusedException unknown(RuntimeException e) {
    return new CaRefusedException(
        "OTHER_RELEASE",
        "the CA says what this command does not know: " + e.getMessage(),
        "Use the command of the CA's own release; it is in the CA's image.");
  }

  private static Overview read(dev.signet.proto.admin.v1.Overview message) {
    return new Overview(
        time(message.getAt()),
        new TrustState(
            message.getVersion(),
            message.getRevision(),
            message.getPaused(),
            message.getRootsList().stream().map(AdminReader::root).toList(),
            message.getIssuersList().stream().map(AdminReader::issuer).toList(),
            message.getBansList().stream().map(AdminReader::ban).toList()),
        new Consumers(
            message.getReplicasList().stream()
                .map(each ->
                    new ReplicaReport(
                        each.getName(),
                        each.getVersion(),
                        each.getPublished(),
                        time(each.getSeen())))
                .toList(),
            message.getAgentsList().stream().map(AdminReader::agent).toList(),
            message.getPodsList().stream().map(AdminReader::pod).toList()),
        message.getGatesList().stream().map(AdminReader::read).toList(),
        message.getStepsList().stream().map(AdminReader::step).toList());
  }

  private static TrustState.Root root(dev.signet.proto.admin.v1.Root root) {
    return new TrustState.Root(
        new KeyId(root.getId()),
        state(root.getState()),
        root.hasNotBefore() && root.hasNotAfter()
            ? Optional.of(new Validity(time(root.getNotBefore()), time(root.getNotAfter())))
            : Optional.empty(),
        new Since(root.getSinceVersion(), root.getSinceRevision(), time(root.getSince())),
        root.getForced());
  }

  private static TrustState.Issuer issuer(dev.signet.proto.admin.v1.Issuer issuer) {
    return new TrustState.Issuer(
        new KeyId(issuer.getId()),
        new KeyId(issuer.getRoot()),
        issuer.getReplica(),
        state(issuer.getState()),
        time(issuer.getNotAfter()));
  }

  private static Ban ban(dev.signet.proto.admin.v1.Ban ban) {
    return new Ban(
        ban.getNode().getCluster(),
        ban.getNode().getName(),
        ban.getWho(),
        ban.getWhy(),
        time(ban.getAt()));
  }

  private static Consumers.Agent agent(dev.signet.proto.admin.v1.Agent agent) {
    return new Consumers.Agent(
        node(agent.getNode()),
        new KeyId(agent.getIssuer()),
        time(agent.getNotAfter()),
        agent.getRevision(),
        agent.hasHeard() ? Optional.of(time(agent.getHeard())) : Optional.empty());
  }

  private static Consumers.Pod pod(dev.signet.proto.admin.v1.Pod pod) {
    return new Consumers.Pod(
        node(pod.getNode()),
        pod.getNamespace(),
        pod.getName(),
        pod.getUid(),
        pod.getSpiffeId(),
        pod.getLeavesList().stream()
            .map(leaf ->
                new Consumers.Leaf(
                    leaf.getSerial(), new KeyId(leaf.getIssuer()), time(leaf.getNotAfter())))
            .toList(),
        pod.getShownList().stream()
            .map(shown ->
                new Consumers.Shown(
                    evidence(shown.getEvidence()),
                    shown.getConsumers(),
                    shown.getRevision(),
                    shown.getSerial(),
                    time(shown.getSince())))
            .toList());
  }

  private static Gate read(dev.signet.proto.admin.v1.Gate gate) {
    return new Gate(
        kind(gate.getStep()),
        new KeyId(gate.getRoot()),
        gate.getTalliesList().stream()
            .map(tally ->
                new Gate.Tally(
                    consumerClass(tally.getKind()), tally.getConfirmed(), tally.getTotal()))
            .toList(),
        missing(gate.getMissingList()));
  }

  private static List<Gate.Missing> missing(List<dev.signet.proto.admin.v1.Missing> messages) {
    return messages.stream()
        .map(each ->
            new Gate.Missing(
                consumerClass(each.getKind()),
                each.hasNode() ? Optional.of(node(each.getNode())) : Optional.empty(),
                each.getName(),
                each.getPodUid(),
                each.getWhy(),
                each.hasLeaves() ? Optional.of(time(each.getLeaves())) : Optional.empty()))
        .toList();
  }

  private static Step step(dev.signet.proto.admin.v1.Step step) {
    return new Step(
        time(step.getAt()),
        kind(step.getKind()),
        step.getAuthority().isEmpty()
            ? Optional.empty()
            : Optional.of(new KeyId(step.getAuthority())),
        step.hasNode() ? Optional.of(node(step.getNode())) : Optional.empty(),
        step.getWho(),
        step.getWhy(),
        step.getOverrides());
  }

  private static NodeRef node(Node node) {
    return new NodeRef(node.getCluster(), node.getName());
  }

  private static Instant time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  private static AuthorityState state(dev.signet.proto.admin.v1.AuthorityState state) {
    return switch (state) {
      case AUTHORITY_STATE_PREPARED -> AuthorityState.PREPARED;
      case AUTHORITY_STATE_PUBLISHED -> AuthorityState.PUBLISHED;
      case AUTHORITY_STATE_ACTIVE -> AuthorityState.ACTIVE;
      case AUTHORITY_STATE_RETIRING -> AuthorityState.RETIRING;
      case AUTHORITY_STATE_RETIRED -> AuthorityState.RETIRED;
      case AUTHORITY_STATE_TAINTED -> AuthorityState.TAINTED;
      case AUTHORITY_STATE_REVOKED -> AuthorityState.REVOKED;
      case AUTHORITY_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new UnknownException(state);
    };
  }

  private static Step.Kind kind(StepKind kind) {
    return switch (kind) {
      case STEP_KIND_PREPARE -> Step.Kind.PREPARE;
      case STEP_KIND_PUBLISH -> Step.Kind.PUBLISH;
      case STEP_KIND_ACTIVATE -> Step.Kind.ACTIVATE;
      case STEP_KIND_RETIRE -> Step.Kind.RETIRE;
      case STEP_KIND_ABORT -> Step.Kind.ABORT;
      case STEP_KIND_PAUSE -> Step.Kind.PAUSE;
      case STEP_KIND_RESUME -> Step.Kind.RESUME;
      case STEP_KIND_TAINT -> Step.Kind.TAINT;
      case STEP_KIND_REVOKE -> Step.Kind.REVOKE;
      case STEP_KIND_BAN -> Step.Kind.BAN;
      case STEP_KIND_UNBAN -> Step.Kind.UNBAN;
      case STEP_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new UnknownException(kind);
    };
  }

  private static Gate.ConsumerClass consumerClass(ConsumerClass kind) {
    return switch (kind) {
      case CONSUMER_CLASS_REPLICA -> Gate.ConsumerClass.REPLICA;
      case CONSUMER_CLASS_PUBLISHED_BUNDLE -> Gate.ConsumerClass.PUBLISHED_BUNDLE;
      case CONSUMER_CLASS_AGENT -> Gate.ConsumerClass.AGENT;
      case CONSUMER_CLASS_POD_ACKNOWLEDGED -> Gate.ConsumerClass.POD_ACKNOWLEDGED;
      case CONSUMER_CLASS_POD_SENT -> Gate.ConsumerClass.POD_SENT;
      case CONSUMER_CLASS_POD_HELD -> Gate.ConsumerClass.POD_HELD;
      case CONSUMER_CLASS_POD_UNSEEN -> Gate.ConsumerClass.POD_UNSEEN;
      case CONSUMER_CLASS_UNSPECIFIED, UNRECOGNIZED -> throw new UnknownException(kind);
    };
  }

  private static Evidence evidence(dev.signet.proto.admin.v1.Evidence evidence) {
    return switch (evidence) {
      case EVIDENCE_ACKNOWLEDGED -> Evidence.ACKNOWLEDGED;
      case EVIDENCE_SENT -> Evidence.SENT;
      case EVIDENCE_HELD -> Evidence.HELD;
      case EVIDENCE_UNSEEN -> Evidence.UNSEEN;
      case EVIDENCE_UNSPECIFIED, UNRECOGNIZED -> throw new UnknownException(evidence);
    };
  }
}
