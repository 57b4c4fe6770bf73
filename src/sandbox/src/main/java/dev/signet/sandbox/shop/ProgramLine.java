package dev.signet.sandbox.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A running program of the shop, as its {@link Switchboard} sees it. Thread-safe. */
public final class ProgramLine {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final String name;
  private final int port;
  private final Writer orders;
  private final AtomicLong lastId = new AtomicLong();
  private final Map<String, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
  private volatile boolean ended;

  ProgramLine(String name, int port, Writer orders) {
    this.name = name;
    this.port = port;
    this.orders = orders;
  }

  public String name() {
    return name;
  }

  /** Where it serves on the loopback address; 0 where it serves nothing. */
  public int port() {
    return port;
  }

  /** Where it serves, as other programs take it. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /**
   * Has the program do something. What went wrong is an answer, too: its fact {@code error}.
   *
   * @param verb one of the program's own
   */
  public Answer order(String verb, String... arguments) throws InterruptedException {
    String id = Long.toString(lastId.incrementAndGet());
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    List<String> words = new ArrayList<>(List.of(id, verb));
    words.addAll(List.of(arguments));
    try {
      send(Words.line(words));
      if (ended) {
        return gone();
      }
      return answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Answer(Map.of("error", name + " gave no answer in " + LIMIT.toSeconds() + " s"));
    } catch (IOException | ExecutionException e) {
      return gone();
    } finally {
      waiting.remove(id);
    }
  }

  private Answer gone() {
    return new Answer(Map.of("error", name + " has ended"));
  }

  private synchronized void send(String line) throws IOException {
    orders.write(line + "\n");
    orders.flush();
  }

  /** Takes answers until the program ends. */
  void listen(BufferedReader answers) throws IOException {
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        List<String> words = Words.words(line);
        CompletableFuture<Answer> answer = waiting.get(words.get(0));
        if (answer != null) {
          answer.complete(new Answer(Words.facts(words.subList(1, words.size()))));
        }
      }
    } finally {
      ended = true;
      waiting.values().forEach(answer -> answer.complete(gone()));
    }
  }
}
