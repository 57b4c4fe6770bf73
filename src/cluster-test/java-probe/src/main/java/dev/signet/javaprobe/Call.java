package dev.signet.javaprobe;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;

/** One request with the JDK's client, and what came of it. */
final class Call {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Call() {}

  static void run(String address, Callable<SSLContext> identity) throws Exception {
    SSLContext context = identity.call();
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(context).connectTimeout(LIMIT).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("https://" + address + "/")).timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofString());
      Say.event("answer", "status", Integer.toString(answer.statusCode()), "me", answer.body());
    } catch (java.io.IOException e) {
      Say.event("error", "message", Say.reasons(e));
      System.exit(1);
    }
    // The sources' threads live on.
    System.exit(0);
  }
}
