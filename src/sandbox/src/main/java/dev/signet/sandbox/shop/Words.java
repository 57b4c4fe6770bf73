package dev.signet.sandbox.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a line between the switchboard and a program is put together: words with tabs between. */
final class Words {
  private static final String BETWEEN = "\t";

  private Words() {}

  static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  static Writer writer(Socket socket) throws IOException {
    return new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
  }

  static String line(List<String> words) {
    return String.join(BETWEEN, words.stream().map(Words::oneWord).toList());
  }

  static List<String> words(String line) {
    return Arrays.asList(line.split(BETWEEN, -1));
  }

  /** An answer's facts as words {@code name=value}. */
  static List<String> facts(Map<String, String> facts) {
    List<String> words = new ArrayList<>();
    facts.forEach((name, value) -> words.add(name + "=" + value));
    return words;
  }

  static Map<String, String> facts(List<String> words) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String word : words) {
      int end = word.indexOf('=');
      if (end > 0) {
        facts.put(word.substring(0, end), word.substring(end + 1));
      }
    }
    return facts;
  }

  /** A text of foreign making may hold anything: control characters become spaces. */
  private static String oneWord(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
