package dev.signet.sandbox.world;

import io.grpc.Status;
import java.security.cert.X509Certificate;
import java.util.List;

/** What the CA said to one request. */
public sealed interface CaAnswer {
  /**
   * Signed.
   *
   * @param chain leaf first
   */
  record Issued(String spiffeId, List<X509Certificate> chain) implements CaAnswer {
    public Issued {
      chain = List.copyOf(chain);
    }
  }

  /**
   * Not signed.
   *
   * @param reason the code of the CA's closed set; empty where the refusal carries none
   * @param status that of the call, {@code OK} where one item of it was refused
   */
  record Refused(String reason, boolean retryable, Status.Code status) implements CaAnswer {}

  /** The reason of a refusal, or the name that was signed: for people to read. */
  default String text() {
    return switch (this) {
      case Issued issued -> "issued " + issued.spiffeId();
      case Refused refused ->
          refused.reason().isEmpty() ? refused.status().toString() : refused.reason();
    };
  }
}
