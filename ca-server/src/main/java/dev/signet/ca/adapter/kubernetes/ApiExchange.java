package dev.signet.ca.adapter.kubernetes;

import com.google.gson.JsonParseException;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import okhttp3.Call;
import okhttp3.Response;

/**
 * Sends one request and reads its answer. Whatever is no clear answer is {@link
 * RefusalReason#KUBERNETES_UNAVAILABLE}: it says nothing about a token or a pod. No text of the
 * answer goes into a message, since a server may quote a token in it. Thread-safe.
 */
final class ApiExchange {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int NOT_FOUND = 404;
  // An object in etcd has at most 1.5 MiB, a page of a list 500 objects' metadata.
  private static final int LARGEST_ANSWER = 32 * 1024 * 1024;

  private final RetryAfter retryAfter;

  ApiExchange(RetryAfter retryAfter) {
    this.retryAfter = retryAfter;
  }

  /** Sends {@code call} and reads the answer as {@code type}. */
  <T> T send(String what, Call call, Class<T> type) throws RefusedException, InterruptedException {
    return sendForOptional(what, call, type)
        .orElseThrow(() -> unavailable(what, "HTTP 404", Optional.empty()));
  }

  /** Likewise; empty if the API server says that there is no such object. */
  <T> Optional<T> sendForOptional(String what, Call call, Class<T> type)
      throws RefusedException, InterruptedException {
    try (Response response = open(what, call)) {
      if (response.code() == NOT_FOUND && isNotFound(response)) {
        return Optional.empty();
      }
      requireSuccess(what, response);
      return Optional.of(parse(response, type));
    } catch (IOException | JsonParseException e) {
      throw failed(what, e);
    }
  }

  /** Sends {@code call}; the answer's body is still to be read, and to be closed by the caller. */
  Response open(String what, Call call) throws RefusedException, InterruptedException {
    Optional<Duration> pause = retryAfter.remaining();
    if (pause.isPresent()) {
      throw unavailable(what, "the API server asked for a pause", pause);
    }
    try {
      return call.execute();
    } catch (IOException | RuntimeException e) {
      // Runtime too: the client throws it where the account's token file cannot be read.
      throw failed(what, e);
    }
  }

  /** Refuses anything but a status of the 200s. */
  void requireSuccess(String what, Response response) throws RefusedException {
    if (response.isSuccessful()) {
      return;
    }
    String header = response.header("Retry-After");
    boolean wantsPause = response.code() == TOO_MANY_REQUESTS || header != null;
    Optional<Duration> pause =
        wantsPause ? Optional.of(retryAfter.note(ApiJson.orEmpty(header))) : Optional.empty();
    throw unavailable(what, "HTTP " + response.code(), pause);
  }

  /**
   * What went wrong on the way.
   *
   * @throws InterruptedException if the thread was interrupted, which the client reports as failed
   *     I/O
   */
  RefusedException failed(String what, Exception e) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(what + " is not wanted any more");
    }
    RefusedException refused = unavailable(what, e.getClass().getSimpleName(), Optional.empty());
    refused.initCause(e);
    return refused;
  }

  private static RefusedException unavailable(
      String what, String detail, Optional<Duration> retryAfter) {
    return new RefusedException(
        new Refusal(RefusalReason.KUBERNETES_UNAVAILABLE, what + ": " + detail, retryAfter));
  }

  /** A 404 counts only in the API server's own words: something between may say it as well. */
  static boolean isNotFound(Response response) throws IOException {
    try {
      ApiJson.Status status = parse(response, ApiJson.Status.class);
      return "Status".equals(status.kind()) && "NotFound".equals(status.reason());
    } catch (JsonParseException e) {
      return false;
    }
  }

  static <T> T parse(Response response, Class<T> type) throws IOException {
    try (InputStream body = new BoundedInput(response.body().byteStream(), LARGEST_ANSWER)) {
      T value = ApiJson.GSON.fromJson(new InputStreamReader(body, StandardCharsets.UTF_8), type);
      if (value == null) {
        throw new IOException("the answer is empty");
      }
      return value;
    }
  }
}
