package dev.signet.agent.adapter.unix;

import io.grpc.Attributes;
import io.grpc.Grpc;
import java.util.Objects;

/**
 * One accepted connection and the process that made it, as the kernel saw it at connect time. The
 * same object stands for the connection in every call on it.
 */
public final class UnixPeer {
  static final Attributes.Key<UnixPeer> KEY = Attributes.Key.create("dev.signet.agent.unix-peer");

  private final int pid;
  private final int uid;

  UnixPeer(int pid, int uid) {
    this.pid = pid;
    this.uid = uid;
  }

  /** The connection a call came on. */
  public static UnixPeer of(Attributes attributes) {
    return Objects.requireNonNull(
        attributes.get(KEY),
        () -> "no Unix peer on " + attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
  }

  public int pid() {
    return pid;
  }

  public int uid() {
    return uid;
  }

  @Override
  public String toString() {
    return "pid " + pid + ", uid " + uid;
  }
}
