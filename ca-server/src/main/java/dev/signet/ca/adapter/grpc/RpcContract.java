package dev.signet.ca.adapter.grpc;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import io.grpc.MethodDescriptor;
import java.util.Arrays;
import java.util.Optional;

/**
 * What every RPC must have before it can be called at all: a rule on who may call, a limit, and the
 * event that it leaves in the audit trail (THREATS T42). A method without an entry is refused.
 *
 * <p>Limits are calls under way, of one caller and of all. They keep one peer from taking what is
 * there for the others; the work behind a call is bounded where it is done.
 */
enum RpcContract {
  // Attestation happens once an hour an agent; many agents may stand behind one address.
  ATTEST_AGENT(
      CertificateAuthorityServiceGrpc.getAttestAgentMethod(),
      Rule.ANYONE,
      64,
      512,
      AuditEvent.SvidIssued.class),
  // An agent sends one batch at a time, and perhaps one beside it.
  ISSUE_X509_SVIDS(
      CertificateAuthorityServiceGrpc.getIssueX509SvidsMethod(),
      Rule.LIVE_AGENT,
      8,
      2_048,
      AuditEvent.SvidIssued.class),
  // One, and room for one that is dead and not yet known to be.
  SESSION(
      CertificateAuthorityServiceGrpc.getSessionMethod(),
      Rule.LIVE_AGENT_WHILE_STORE_ANSWERS,
      4,
      10_000,
      AuditEvent.SessionOpened.class);

  /** Who may call. */
  enum Rule {
    /** The call carries its own proof. */
    ANYONE,
    /** The live agent of its node, by its newest SVID. */
    LIVE_AGENT,
    /**
     * Likewise; but while the store does not answer, an agent's valid SVID is enough. What flows
     * here is public, and must flow on then (DESIGN section 8).
     */
    LIVE_AGENT_WHILE_STORE_ANSWERS
  }

  private final String methodName;
  private final Rule rule;
  private final int mostOfOneCaller;
  private final int mostInAll;
  private final Class<? extends AuditEvent> leaves;

  RpcContract(
      MethodDescriptor<?, ?> method,
      Rule rule,
      int mostOfOneCaller,
      int mostInAll,
      Class<? extends AuditEvent> leaves) {
    this.methodName = method.getFullMethodName();
    this.rule = rule;
    this.mostOfOneCaller = mostOfOneCaller;
    this.mostInAll = mostInAll;
    this.leaves = leaves;
  }

  static Optional<RpcContract> of(MethodDescriptor<?, ?> method) {
    return Arrays.stream(values())
        .filter(contract -> contract.methodName.equals(method.getFullMethodName()))
        .findFirst();
  }

  String methodName() {
    return methodName;
  }

  Rule rule() {
    return rule;
  }

  int mostOfOneCaller() {
    return mostOfOneCaller;
  }

  int mostInAll() {
    return mostInAll;
  }

  /** The event of a call that was not refused at the door. */
  Class<? extends AuditEvent> leaves() {
    return leaves;
  }
}
