package dev.signet.agent.adapter.workloadapi;

import com.google.protobuf.ByteString;
import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.svid.SvidStatus;
import dev.signet.agent.svid.WorkloadSnapshot;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVID;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Svid;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pod's snapshots as messages of the Workload API, each encoded once. Thread-safe; it holds the
 * newest messages alone.
 */
final class StateEncoder {
  /** What a stream is to do. */
  sealed interface Next {
    /** Send this, unless it was the last thing sent. */
    record Send(EncodedMessage message) implements Next {}

    /** Nothing yet; it may come at any time. */
    record Hold() implements Next {}

    /** End: it was decided that there is nothing for this pod. */
    record Deny(String reason) implements Next {}
  }

  /** One of the two kinds of stream. */
  @FunctionalInterface
  interface View {
    Next next(WorkloadSnapshot snapshot, Instant now);
  }

  private record Svid(X509Svid svid, HeldBundle bundle, EncodedMessage message) {}

  private record Bundle(HeldBundle bundle, EncodedMessage message) {}

  private @Nullable Svid svid;
  private @Nullable Bundle bundle;

  /** For FetchX509SVID: SVID, key and bundle; an SVID that has ended is not sent. */
  Next svid(WorkloadSnapshot snapshot, Instant now) {
    return switch (snapshot.svid()) {
      case SvidStatus.Held(X509Svid held) when held.notAfter().isAfter(now) ->
          new Next.Send(encoded(held, Objects.requireNonNull(snapshot.bundle())));
      case SvidStatus.Held _, SvidStatus.Waiting _ -> new Next.Hold();
      case SvidStatus.Refused(String reason) -> new Next.Deny(reason);
    };
  }

  /** For FetchX509Bundles: to whoever was once entitled to an SVID. */
  Next bundles(WorkloadSnapshot snapshot, Instant now) {
    HeldBundle held = snapshot.bundle();
    if (held != null) {
      return new Next.Send(encoded(held));
    }
    return snapshot.svid() instanceof SvidStatus.Refused(String reason)
        ? new Next.Deny(reason)
        : new Next.Hold();
  }

  private synchronized EncodedMessage encoded(X509Svid held, HeldBundle with) {
    Svid last = svid;
    if (last != null && last.svid() == held && last.bundle().equals(with)) {
      return last.message();
    }
    X509SVID message =
        X509SVID
            .newBuilder()
            .setSpiffeId(held.id().toString())
            .setX509Svid(ByteString.copyFrom(held.chainDer()))
            .setX509SvidKey(ByteString.copyFrom(held.privateKey().getEncoded()))
            .setBundle(ByteString.copyFrom(with.bundle().encoded()))
            .build();
    var encoded =
        new EncodedMessage(
            X509SVIDResponse.newBuilder().addSvids(message).build(),
            with.revision(),
            held.serial());
    svid = new Svid(held, with, encoded);
    return encoded;
  }

  private synchronized EncodedMessage encoded(HeldBundle held) {
    Bundle last = bundle;
    if (last != null && last.bundle().equals(held)) {
      return last.message();
    }
    var message =
        X509BundlesResponse.newBuilder()
            .putBundles(
                held.bundle().trustDomain().id().toString(),
                ByteString.copyFrom(held.bundle().encoded()))
            .build();
    var encoded = new EncodedMessage(message, held.revision(), "");
    bundle = new Bundle(held, encoded);
    return encoded;
  }

  /** Forgets the messages, keys with them. */
  synchronized void clear() {
    svid = null;
    bundle = null;
  }
}
