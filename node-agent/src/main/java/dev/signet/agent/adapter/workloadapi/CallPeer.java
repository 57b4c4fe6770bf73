package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.adapter.unix.UnixPeer;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Lets a method see which connection its call came on. */
final class CallPeer implements ServerInterceptor {
  private static final Context.Key<UnixPeer> KEY = Context.key("unix-peer");

  /** The connection of the call being started on this thread. */
  static UnixPeer current() {
    return KEY.get();
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    Context context = Context.current().withValue(KEY, UnixPeer.of(call.getAttributes()));
    return Contexts.interceptCall(context, call, headers, next);
  }
}
