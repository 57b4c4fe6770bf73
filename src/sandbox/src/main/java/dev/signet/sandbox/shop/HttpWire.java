package dev.signet.sandbox.shop;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The little of HTTP/1.1 that the shop speaks on one connection, so that it is plain which
 * connection a call was made on. Requests have no body; answers always have a length.
 */
final class HttpWire {
  private static final int LONGEST_LINE = 4096;
  private static final int MOST_HEADERS = 50;
  private static final int LONGEST_BODY = 64 * 1024;

  private final InputStream in;
  private final OutputStream out;

  HttpWire(InputStream in, OutputStream out) {
    this.in = new BufferedInputStream(in);
    this.out = out;
  }

  record Response(int status, String body) {}

  void ask(String path) throws IOException {
    send("GET " + path + " HTTP/1.1\r\nHost: shop\r\n\r\n");
  }

  Response answer() throws IOException {
    List<String> head =
        head().orElseThrow(() -> new EOFException("the connection was closed before an answer"));
    String[] status = head.get(0).split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
      throw new ProtocolException("this is no HTTP answer");
    }
    byte[] body = in.readNBytes(length(head));
    return new Response(Integer.parseInt(status[1]), new String(body, StandardCharsets.UTF_8));
  }

  /** The path of the next request; empty once the caller has closed. */
  Optional<String> request() throws IOException {
    Optional<List<String>> head = head();
    if (head.isEmpty()) {
      return Optional.empty();
    }
    String[] line = head.get().get(0).split(" ", 3);
    if (line.length != 3 || !line[0].equals("GET")) {
      throw new ProtocolException("only GET is spoken here");
    }
    return Optional.of(line[1]);
  }

  void answer(Response response) throws IOException {
    int length = response.body().getBytes(StandardCharsets.UTF_8).length;
    send(
        String.format(
            Locale.ROOT,
            "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
            response.status(),
            response.status() == 200 ? "OK" : "Refused",
            length,
            response.body()));
  }

  private void send(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static int length(List<String> head) throws IOException {
    for (String line : head.subList(1, head.size())) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        String value = line.substring(line.indexOf(':') + 1).strip();
        if (value.matches("\\d{1,6}") && Integer.parseInt(value) <= LONGEST_BODY) {
          return Integer.parseInt(value);
        }
      }
    }
    throw new ProtocolException("the answer has no usable length");
  }

  /** First line and headers, or empty at the end of the connection. */
  private Optional<List<String>> head() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      lines.add(line);
      if (lines.size() > MOST_HEADERS) {
        throw new ProtocolException("too many headers");
      }
    }
    return lines.isEmpty() ? Optional.empty() : Optional.of(lines);
  }

  /** Without its end; empty at the end of the head, and of the connection. */
  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (line.length() >= LONGEST_LINE) {
        throw new ProtocolException("a line is too long");
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }
}
