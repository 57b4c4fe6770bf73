package dev.signet.agent.adapter.workloadapi;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Iterator;

/**
 * Demands the metadata {@code workload.spiffe.io: true}, once and to the letter, on every call
 * (SPIFFE_Workload_Endpoint.md section 3). It stops requests that a program was talked into sending
 * to the socket: those cannot choose metadata (THREATS.md T7).
 */
final class WorkloadHeader implements ServerInterceptor {
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    if (isSet(headers)) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.INVALID_ARGUMENT.withDescription(
            "the metadata workload.spiffe.io: true must be sent, once, in lower case"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static boolean isSet(Metadata headers) {
    Iterable<String> values = headers.getAll(KEY);
    if (values == null) {
      return false;
    }
    Iterator<String> each = values.iterator();
    return each.next().equals("true") && !each.hasNext();
  }
}
