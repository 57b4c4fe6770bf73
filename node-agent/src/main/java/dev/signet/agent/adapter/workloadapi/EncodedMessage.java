package dev.signet.agent.adapter.workloadapi;

import com.google.protobuf.MessageLite;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A response that was encoded once; every stream it goes to sends the same bytes. It may hold a
 * private key and prints nothing of itself.
 */
final class EncodedMessage {
  private final byte[] bytes;
  private final long revision;
  private final String serial;

  /**
   * Encodes a message.
   *
   * @param revision of the bundle in it
   * @param serial of the leaf in it; empty without one
   */
  EncodedMessage(MessageLite message, long revision, String serial) {
    this.bytes = message.toByteArray();
    this.revision = revision;
    this.serial = serial;
  }

  long revision() {
    return revision;
  }

  String serial() {
    return serial;
  }

  @Override
  public String toString() {
    return "EncodedMessage[" + bytes.length + " bytes, redacted]";
  }

  /** Sends encoded messages; this side never reads one. */
  static MethodDescriptor.Marshaller<EncodedMessage> marshaller() {
    return new MethodDescriptor.Marshaller<>() {
      @Override
      public InputStream stream(EncodedMessage message) {
        return new Bytes(message.bytes);
      }

      @Override
      public EncodedMessage parse(InputStream stream) {
        throw new UnsupportedOperationException("responses are only sent");
      }
    };
  }

  /** What gRPC takes without an intermediate copy. */
  private static final class Bytes extends ByteArrayInputStream implements KnownLength, Drainable {
    Bytes(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = available();
      target.write(buf, pos, length);
      pos = count;
      return length;
    }
  }
}
