package dev.signet.agent.adapter.unix;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.netty.channel.Channel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection and the process that made it, as the kernel saw it at connect time. The
 * same object stands for the connection in every call on it.
 */
public final class UnixPeer {
  static final Attributes.Key<UnixPeer> KEY = Attributes.Key.create("dev.signet.agent.unix-peer");

  private final int pid;
  private final int uid;
  private final Channel channel;

  UnixPeer(int pid, int uid, Channel channel) {
    this.pid = pid;
    this.uid = uid;
    this.channel = channel;
  }

  /** The connection a call came on. */
  public static UnixPeer of(Attributes attributes) {
    return Objects.requireNonNull(
        attributes.get(KEY),
        () -> "no Unix peer on " + attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
  }

  static @Nullable UnixPeer find(Attributes attributes) {
    return attributes.get(KEY);
  }

  public int pid() {
    return pid;
  }

  public int uid() {
    return uid;
  }

  /** Runs once when the connection has ended, at once where it has already; on the I/O thread. */
  public void onClose(Runnable action) {
    channel.closeFuture().addListener(_ -> action.run());
  }

  @Override
  public String toString() {
    return "pid " + pid + ", uid " + uid;
  }
}
