package dev.signet.ca.audit;

import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.TokenSubject;
import java.time.Duration;
import java.util.Optional;

/** One thing that happened. Holds no secret: of a token, its SHA-256 alone. */
public sealed interface AuditEvent {
  /**
   * An SVID left the CA.
   *
   * @param attestation what it rests on; empty for the server's own
   * @param tokenSha256 empty for the server's own
   * @param took from the request to the SVID
   */
  record SvidIssued(
      SvidKind kind,
      IssuedSvid svid,
      Optional<Attestation> attestation,
      Caller caller,
      String tokenSha256,
      Duration took)
      implements AuditEvent {}

  /**
   * An SVID was asked for and refused.
   *
   * @param mode who asks the API server of the cluster concerned; empty for the server's own
   * @param subject whom the token speaks of, where it came to that
   * @param tokenSha256 of the token, or of what was sent in its place
   */
  record SvidRefused(
      SvidKind kind,
      Optional<AttestationMode> mode,
      Refusal refusal,
      Optional<TokenSubject> subject,
      Caller caller,
      String tokenSha256,
      Duration took)
      implements AuditEvent {}

  /**
   * A call was refused before anything was decided on it.
   *
   * @param method full name of the RPC
   */
  record CallRefused(String method, Refusal refusal, Caller caller) implements AuditEvent {}

  /**
   * An agent's session began.
   *
   * @param version what the agent calls itself; foreign text
   * @param pods how many it says it serves
   */
  record SessionOpened(AgentPeer agent, Caller caller, String version, int pods)
      implements AuditEvent {}

  /** An agent's session ended, by whatever side. */
  record SessionEnded(AgentPeer agent, Caller caller, String why) implements AuditEvent {}

  /** An agent reports a trouble; all of it is foreign text. */
  record AgentProblem(AgentPeer agent, String code, String podUid, String detail)
      implements AuditEvent {}

  /**
   * An operator asked for a step of trust over the CA's own socket.
   *
   * @param what the step, with its arguments as the command line writes them; foreign text
   * @param who the socket's user
   * @param why the reason given; foreign text, may be empty
   * @param outcome {@code DONE}, or the code of the refusal
   * @param detail of a refusal
   */
  record OperatorAsked(String what, String who, String why, String outcome, String detail)
      implements AuditEvent {}
}
