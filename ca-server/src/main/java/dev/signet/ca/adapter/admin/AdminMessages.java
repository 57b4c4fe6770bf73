package dev.signet.ca.adapter.admin;

import com.google.protobuf.Timestamp;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.ReplicaReport;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import dev.signet.proto.admin.v1.Agent;
import dev.signet.proto.admin.v1.ConsumerClass;
import dev.signet.proto.admin.v1.Issuer;
import dev.signet.proto.admin.v1.Leaf;
import dev.signet.proto.admin.v1.Missing;
import dev.signet.proto.admin.v1.Node;
import dev.signet.proto.admin.v1.Pod;
import dev.signet.proto.admin.v1.Replica;
import dev.signet.proto.admin.v1.Root;
import dev.signet.proto.admin.v1.Shown;
import dev.signet.proto.admin.v1.StepKind;
import dev.signet.proto.admin.v1.Tally;
import java.time.Instant;

/** From the domain's own words to what goes over the wire. */
final class AdminMessages {
  private AdminMessages() {}

  static dev.signet.proto.admin.v1.Overview overview(Overview overview, boolean withPods) {
    TrustState state = overview.state();
    var message =
        dev.signet.proto.admin.v1.Overview.newBuilder()
            .setAt(time(overview.at()))
            .setVersion(state.version())
            .setRevision(state.revision())
            .setPaused(state.paused());
    state.roots().forEach(root -> message.addRoots(root(root)));
    state.issuers().forEach(issuer -> message.addIssuers(issuer(issuer)));
    state.bans().forEach(ban -> message.addBans(ban(ban)));
    Consumers consumers = overview.consumers();
    consumers.replicas().forEach(replica -> message.addReplicas(replica(replica)));
    consumers.agents().forEach(agent -> message.addAgents(agent(agent)));
    if (withPods) {
      consumers.pods().forEach(pod -> message.addPods(pod(pod)));
    }
    overview.gates().forEach(gate -> message.addGates(gate(gate)));
    overview.steps().forEach(step -> message.addSteps(step(step)));
    return message.build();
  }

  private static Root root(TrustState.Root root) {
    Root.Builder message =
        Root.newBuilder()
            .setId(root.id().value())
            .setState(state(root.state()))
            .setSinceVersion(root.since().version())
            .setSinceRevision(root.since().revision())
            .setSince(time(root.since().at()))
            .setForced(root.forced());
    root.validity()
        .ifPresent(validity ->
            message
                .setNotBefore(time(validity.notBefore()))
                .setNotAfter(time(validity.notAfter())));
    return message.build();
  }

  private static Issuer issuer(TrustState.Issuer issuer) {
    return Issuer.newBuilder()
        .setId(issuer.id().value())
        .setRoot(issuer.root().value())
        .setReplica(issuer.replica())
        .setState(state(issuer.state()))
        .setNotAfter(time(issuer.notAfter()))
        .build();
  }

  private static dev.signet.proto.admin.v1.Ban ban(Ban ban) {
    return dev.signet.proto.admin.v1.Ban.newBuilder()
        .setNode(node(new NodeRef(ban.cluster(), ban.nodeName())))
        .setWho(ban.who())
        .setWhy(ban.why())
        .setAt(time(ban.at()))
        .build();
  }

  private static Replica replica(ReplicaReport replica) {
    return Replica.newBuilder()
        .setName(replica.replica())
        .setVersion(replica.version())
        .setPublished(replica.published())
        .setSeen(time(replica.seen()))
        .build();
  }

  private static Agent agent(Consumers.Agent agent) {
    Agent.Builder message =
        Agent.newBuilder()
            .setNode(node(agent.node()))
            .setIssuer(agent.issuer().value())
            .setNotAfter(time(agent.notAfter()))
            .setRevision(agent.revision());
    agent.heard().ifPresent(heard -> message.setHeard(time(heard)));
    return message.build();
  }

  private static Pod pod(Consumers.Pod pod) {
    Pod.Builder message =
        Pod.newBuilder()
            .setNode(node(pod.node()))
            .setNamespace(pod.namespace())
            .setName(pod.name())
            .setUid(pod.uid())
            .setSpiffeId(pod.spiffeId());
    pod.leaves().forEach(leaf -> message.addLeaves(leaf(leaf)));
    pod.shown().forEach(shown -> message.addShown(shown(shown)));
    return message.build();
  }

  private static Leaf leaf(Consumers.Leaf leaf) {
    return Leaf.newBuilder()
        .setSerial(leaf.serial())
        .setIssuer(leaf.issuer().value())
        .setNotAfter(time(leaf.notAfter()))
        .build();
  }

  private static Shown shown(Consumers.Shown shown) {
    return Shown.newBuilder()
        .setEvidence(evidence(shown.evidence()))
        .setConsumers(shown.consumers())
        .setRevision(shown.revision())
        .setSerial(shown.serial())
        .setSince(time(shown.since()))
        .build();
  }

  static dev.signet.proto.admin.v1.Gate gate(Gate gate) {
    var message =
        dev.signet.proto.admin.v1.Gate.newBuilder()
            .setStep(kind(gate.step()))
            .setRoot(gate.root().value());
    gate.tallies()
        .forEach(tally ->
            message.addTallies(
                Tally.newBuilder()
                    .setKind(consumerClass(tally.kind()))
                    .setConfirmed(tally.confirmed())
                    .setTotal(tally.total())));
    gate.missing().forEach(missing -> message.addMissing(missing(missing)));
    return message.build();
  }

  private static Missing missing(Gate.Missing missing) {
    Missing.Builder message =
        Missing.newBuilder()
            .setKind(consumerClass(missing.kind()))
            .setName(missing.name())
            .setPodUid(missing.podUid())
            .setWhy(missing.why());
    missing.node().ifPresent(node -> message.setNode(node(node)));
    missing.leaves().ifPresent(leaves -> message.setLeaves(time(leaves)));
    return message.build();
  }

  private static dev.signet.proto.admin.v1.Step step(Step step) {
    var message =
        dev.signet.proto.admin.v1.Step.newBuilder()
            .setAt(time(step.at()))
            .setKind(kind(step.kind()))
            .setAuthority(step.authority().map(KeyId::value).orElse(""))
            .setWho(step.who())
            .setWhy(step.why())
            .setOverrides(step.overrides());
    step.node().ifPresent(node -> message.setNode(node(node)));
    return message.build();
  }

  private static Node node(NodeRef node) {
    return Node.newBuilder().setCluster(node.cluster()).setName(node.nodeName()).build();
  }

  private static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  private static dev.signet.proto.admin.v1.AuthorityState state(AuthorityState state) {
    return switch (state) {
      case PREPARED -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_PREPARED;
      case PUBLISHED -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_PUBLISHED;
      case ACTIVE -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_ACTIVE;
      case RETIRING -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_RETIRING;
      case RETIRED -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_RETIRED;
      case TAINTED -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_TAINTED;
      case REVOKED -> dev.signet.proto.admin.v1.AuthorityState.AUTHORITY_STATE_REVOKED;
    };
  }

  private static StepKind kind(Step.Kind kind) {
    return switch (kind) {
      case PREPARE -> StepKind.STEP_KIND_PREPARE;
      case PUBLISH -> StepKind.STEP_KIND_PUBLISH;
      case ACTIVATE -> StepKind.STEP_KIND_ACTIVATE;
      case RETIRE -> StepKind.STEP_KIND_RETIRE;
      case ABORT -> StepKind.STEP_KIND_ABORT;
      case PAUSE -> StepKind.STEP_KIND_PAUSE;
      case RESUME -> StepKind.STEP_KIND_RESUME;
      case TAINT -> StepKind.STEP_KIND_TAINT;
      case REVOKE -> StepKind.STEP_KIND_REVOKE;
      case BAN -> StepKind.STEP_KIND_BAN;
      case UNBAN -> StepKind.STEP_KIND_UNBAN;
    };
  }

  private static ConsumerClass consumerClass(Gate.ConsumerClass kind) {
    return switch (kind) {
      case REPLICA -> ConsumerClass.CONSUMER_CLASS_REPLICA;
      case PUBLISHED_BUNDLE -> ConsumerClass.CONSUMER_CLASS_PUBLISHED_BUNDLE;
      case AGENT -> ConsumerClass.CONSUMER_CLASS_AGENT;
      case POD_ACKNOWLEDGED -> ConsumerClass.CONSUMER_CLASS_POD_ACKNOWLEDGED;
      case POD_SENT -> ConsumerClass.CONSUMER_CLASS_POD_SENT;
      case POD_HELD -> ConsumerClass.CONSUMER_CLASS_POD_HELD;
      case POD_UNSEEN -> ConsumerClass.CONSUMER_CLASS_POD_UNSEEN;
    };
  }

  private static dev.signet.proto.admin.v1.Evidence evidence(Evidence evidence) {
    return switch (evidence) {
      case ACKNOWLEDGED -> dev.signet.proto.admin.v1.Evidence.EVIDENCE_ACKNOWLEDGED;
      case SENT -> dev.signet.proto.admin.v1.Evidence.EVIDENCE_SENT;
      case HELD -> dev.signet.proto.admin.v1.Evidence.EVIDENCE_HELD;
      case UNSEEN -> dev.signet.proto.admin.v1.Evidence.EVIDENCE_UNSEEN;
    };
  }
}
