package dev.signet.ca.adapter.grpc;

import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.session.Sessions;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/** Opens session streams. Thread-safe. */
final class SessionRpc {
  private final Sessions sessions;
  private final LiveCheck live;
  private final AuditTrail audit;
  private final ScheduledExecutorService timers;

  SessionRpc(Sessions sessions, LiveCheck live, AuditTrail audit, ScheduledExecutorService timers) {
    this.sessions = sessions;
    this.live = live;
    this.audit = audit;
    this.timers = timers;
  }

  StreamObserver<SessionRequest> open(
      Caller caller, ServerCallStreamObserver<SessionResponse> responses) {
    return SessionStream.open(caller, responses, sessions, live, audit, timers);
  }

  /** An agent has a new SVID; its older ones end. */
  void superseded(IssuedSvid agent) {
    // The ID of an agent is spiffe://<trust domain>/signet/agent/<cluster>/<node>.
    List<String> path = agent.id().segments();
    sessions.superseded(path.get(2), path.get(3), agent.serial());
  }
}
