package dev.signet.ca.adapter.grpc;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The door that every call goes through: it has a contract, its caller may call, it is within its
 * limit. Whatever ends a call badly becomes a status here, and is recorded here unless it was
 * recorded by whoever decided it. Thread-safe.
 */
final class CallGuard implements ServerInterceptor {
  /** Who calls, for the handlers behind this. */
  static final Context.Key<Caller> CALLER = Context.key("caller");

  /** A call holds a place from its headers on; who keeps its message back gives the place up. */
  private static final Duration WHOLE_REQUEST = Duration.ofSeconds(10);

  private final LiveCheck live;
  private final InstantSource clock;
  private final AuditTrail audit;
  private final ScheduledExecutorService timers;
  private final CallLimits limits = new CallLimits();

  CallGuard(
      LiveCheck live, InstantSource clock, AuditTrail audit, ScheduledExecutorService timers) {
    this.live = live;
    this.clock = clock;
    this.audit = audit;
    this.timers = timers;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Optional<RpcContract> contract = RpcContract.of(call.getMethodDescriptor());
    if (contract.isEmpty()) {
      call.close(Status.UNIMPLEMENTED, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    Connection connection = Connections.of(call.getAttributes());
    GuardedCall<Q, A> guarded =
        new GuardedCall<>(call, this::record, new Caller(connection.address(), Optional.empty()));
    try {
      Caller caller = authorise(contract.get().rule(), connection);
      guarded.calledBy(caller);
      CallLimits.Permit permit = limits.enter(contract.get(), key(caller));
      guarded.holds(permit);
      if (call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        guarded.requireRequest(timers, WHOLE_REQUEST);
      }
      Context context = Context.current().withValue(CALLER, caller);
      return guarded.watch(Contexts.interceptCall(context, guarded, headers, next));
    } catch (RefusedException e) {
      guarded.refuse(e.refusal());
      if (e.refusal().reason() == RefusalReason.AGENT_BANNED) {
        connection.hangUp();
      }
    } catch (RuntimeException e) {
      guarded.failed(e);
    }
    return new ServerCall.Listener<>() {};
  }

  private static String key(Caller caller) {
    return caller.agent().map(agent -> agent.id().toString()).orElse(caller.address());
  }

  private Caller authorise(RpcContract.Rule rule, Connection connection) throws RefusedException {
    return new Caller(
        connection.address(),
        switch (rule) {
          case ANYONE -> Optional.empty();
          case LIVE_AGENT -> Optional.of(liveAgent(connection, false));
          case LIVE_AGENT_WHILE_STORE_ANSWERS -> Optional.of(liveAgent(connection, true));
        });
  }

  private AgentPeer liveAgent(Connection connection, boolean withoutStore) throws RefusedException {
    AgentPeer agent = connection.agent(clock.instant());
    if (withoutStore) {
      live.requireWhileStoreAnswers(agent);
    } else {
      live.require(agent);
    }
    return agent;
  }

  private void record(String method, Refusal refusal, Caller caller) {
    audit.record(new AuditEvent.CallRefused(method, refusal, caller));
  }
}
