package dev.signet.sandbox.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program's end of its line to the {@link Switchboard}. Orders run side by side, each on a thread
 * of its own.
 */
final class Console {
  private static final int MOST_ORDERS_WORDS = 8;

  /** Carries out one verb. */
  @FunctionalInterface
  interface Order {
    /** Facts for the answer; an exception becomes its fact {@code error}. */
    Map<String, String> carryOut(List<String> arguments) throws Exception;
  }

  private final Map<String, Order> verbs;

  Console(Map<String, Order> verbs) {
    this.verbs = Map.copyOf(verbs);
  }

  /**
   * Reports to the switchboard named in the environment, and returns when that ends.
   *
   * @param port where the program serves, 0 where it does not
   */
  void serve(String program, int port) throws IOException {
    String address =
        Optional.ofNullable(System.getenv(Switchboard.ADDRESS))
            .orElseThrow(() -> new IOException(Switchboard.ADDRESS + " is not set"));
    InetSocketAddress board = Addresses.parse(address);
    try (Socket socket = new Socket(board.getAddress(), board.getPort());
        Writer writer = Words.writer(socket);
        BufferedReader reader = Words.reader(socket)) {
      say(writer, List.of(program, Integer.toString(port)));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        List<String> words = Words.words(line);
        if (words.size() >= 2 && words.size() <= MOST_ORDERS_WORDS) {
          Thread.ofVirtual().name(words.get(1)).start(() -> carryOut(words, writer));
        }
      }
    }
  }

  private void carryOut(List<String> words, Writer writer) {
    List<String> answer = new ArrayList<>();
    answer.add(words.get(0));
    answer.addAll(Words.facts(answerTo(words)));
    try {
      say(writer, answer);
    } catch (IOException e) {
      // Nobody waits for it any more: the program is about to end.
    }
  }

  private Map<String, String> answerTo(List<String> words) {
    Order order = verbs.get(words.get(1));
    if (order == null) {
      return Map.of("error", "unknown order " + words.get(1));
    }
    try {
      return order.carryOut(words.subList(2, words.size()));
    } catch (Exception e) {
      return Map.of("error", Reasons.of(e));
    }
  }

  private static void say(Writer writer, List<String> words) throws IOException {
    synchronized (writer) {
      writer.write(Words.line(words) + "\n");
      writer.flush();
    }
  }
}
