package dev.signet.agent.adapter.kubernetes;

import dev.signet.agent.adapter.kubernetes.ReviewAnswer.UnreadableException;
import dev.signet.agent.adapter.kubernetes.ReviewAnswer.Verdict;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.PodToken;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.TokenReviewer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reviews tokens by {@code POST /apis/authentication.k8s.io/v1/tokenreviews}, always for exactly
 * one audience, ours. Whatever is no clear answer is unknown: never a yes, never a no. While the
 * API server wants to be left alone (429, {@code Retry-After}), nothing is sent. {@link #review} is
 * for the loop; {@link #close} for any thread.
 */
public final class HttpTokenReviewer implements TokenReviewer, AutoCloseable {
  /** From the call to the last byte of its answer. */
  static final Duration DEADLINE = Duration.ofSeconds(10);

  /** A review repeats the token, which has at most 16 KiB, and names a user. */
  static final int LARGEST_ANSWER = 128 * 1024;

  /** The agent's account lacks the one right, or its token is not accepted. */
  static final String NOT_PERMITTED = "REVIEW_NOT_PERMITTED";

  private static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final long LONGEST_PAUSE_SECONDS = 60;
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
  private static final Logger log = LoggerFactory.getLogger(HttpTokenReviewer.class);

  private final URI uri;
  private final String audience;
  private final AgentLoop loop;
  private final Executor blocking;
  private final Consumer<Optional<String>> health;
  private final ApiClient client;

  /** Nothing is sent before this; on the loop's clock, confined to the loop. */
  private long pauseUntil;

  private String problem = "";

  /**
   * A reviewer that has sent nothing yet.
   *
   * @param audience the only one that is ever asked for
   * @param blocking where files are read
   * @param health gets what is wrong now, in one line for the operator, or empty if all is well
   */
  public HttpTokenReviewer(
      ApiSettings settings,
      String audience,
      AgentLoop loop,
      Executor blocking,
      Consumer<Optional<String>> health) {
    this.uri = settings.server().resolve(PATH);
    this.audience = audience;
    this.loop = loop;
    this.blocking = blocking;
    this.health = health;
    this.client = new ApiClient(settings);
    this.pauseUntil = loop.nanos();
  }

  @Override
  public boolean required() {
    return true;
  }

  @Override
  public void review(PodToken token, Answer answer) {
    long pause = pauseUntil - loop.nanos();
    if (pause > 0) {
      answer.refused(
          new Refusal(Refusal.KUBERNETES_UNAVAILABLE, true, Optional.of(Duration.ofNanos(pause))));
      return;
    }
    try {
      blocking.execute(() -> send(token, answer));
    } catch (RejectedExecutionException e) {
      answer.refused(Refusal.passing(Refusal.KUBERNETES_UNAVAILABLE));
    }
  }

  private void send(PodToken token, Answer answer) {
    CompletableFuture<HttpResponse<byte[]>> call;
    try {
      call =
          client
              .http()
              .sendAsync(
                  request(token),
                  HttpResponse.BodyHandlers.limiting(
                      HttpResponse.BodyHandlers.ofByteArray(), LARGEST_ANSWER));
    } catch (IOException | RuntimeException e) {
      loop.execute(() -> unknown(e.getMessage() == null ? e.toString() : e.getMessage(), answer));
      return;
    }
    // Over the whole call: the client's own ends when the answer begins.
    AgentLoop.Timer deadline = loop.after(DEADLINE, () -> call.cancel(true));
    var _ =
        call.whenComplete((response, failure) -> {
          deadline.cancel();
          loop.execute(() -> ended(response, failure, answer));
        });
  }

  private HttpRequest request(PodToken token) throws IOException {
    // Neither a token in compact form nor an audience of ours has a character that JSON escapes.
    String body =
        "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"spec\":{\"token\":\""
            + token.reveal()
            + "\",\"audiences\":[\""
            + audience
            + "\"]}}";
    return HttpRequest.newBuilder(uri)
        .timeout(DEADLINE)
        .header("Authorization", client.authorization())
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("User-Agent", "signet-agent")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private void ended(
      @Nullable HttpResponse<byte[]> response, @Nullable Throwable failure, Answer answer) {
    if (response == null) {
      // By its kind alone: the text of a failure is the library's, and could hold anything.
      unknown(
          "no answer from "
              + uri
              + ": "
              + (failure == null ? "none" : root(failure).getClass().getSimpleName()),
          answer);
      return;
    }
    switch (response.statusCode()) {
      case 200, 201 -> answered(response.body(), answer);
      case 401, 403 -> {
        say(
            "the API server does not let this agent review tokens (HTTP "
                + response.statusCode()
                + "): bind a role with create on tokenreviews to its account");
        answer.refused(Refusal.passing(NOT_PERMITTED));
      }
      default -> {
        Optional<Duration> pause = pause(response);
        pause.ifPresent(wait -> pauseUntil = loop.nanos() + wait.toNanos());
        say("the API server answered HTTP " + response.statusCode());
        answer.refused(new Refusal(Refusal.KUBERNETES_UNAVAILABLE, true, pause));
      }
    }
  }

  private void answered(byte[] body, Answer answer) {
    Verdict verdict;
    try {
      verdict = ReviewAnswer.read(body, audience);
    } catch (UnreadableException e) {
      unknown(String.valueOf(e.getMessage()), answer);
      return;
    }
    if (!problem.isEmpty()) {
      problem = "";
      log.info("The API server answers reviews again");
      health.accept(Optional.empty());
    }
    verdict.tell(answer);
  }

  private static Optional<Duration> pause(HttpResponse<byte[]> response) {
    Optional<String> header = response.headers().firstValue("Retry-After");
    if (header.filter(SECONDS.asMatchPredicate()).isPresent()) {
      long seconds = Long.parseLong(header.get());
      return Optional.of(
          Duration.ofSeconds(
              Math.clamp(seconds, SHORTEST_PAUSE.toSeconds(), LONGEST_PAUSE_SECONDS)));
    }
    return response.statusCode() == 429 || header.isPresent()
        ? Optional.of(SHORTEST_PAUSE)
        : Optional.empty();
  }

  private void unknown(String why, Answer answer) {
    say(why);
    answer.refused(Refusal.passing(Refusal.KUBERNETES_UNAVAILABLE));
  }

  /** Once for each trouble. */
  private void say(String why) {
    if (!why.equals(problem)) {
      problem = why;
      log.warn("Tokens of pods cannot be reviewed: {}", why);
      health.accept(Optional.of(why));
    }
  }

  private static Throwable root(Throwable failure) {
    Throwable at = failure;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }

  @Override
  public void close() {
    client.close();
  }
}
