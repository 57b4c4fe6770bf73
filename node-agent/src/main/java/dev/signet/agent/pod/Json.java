package dev.signet.agent.pod;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a JSON text (RFC 8259), read strictly: one value and nothing after it, no duplicate
 * members, at most 16 levels deep. It is here because a few small foreign texts are all the JSON
 * the agent reads; a library would cost more memory than this page.
 */
public sealed interface Json {
  /** An object; members in the order of the text. */
  record Obj(Map<String, Json> members) implements Json {}

  /** An array. */
  record Arr(List<Json> items) implements Json {}

  /** A string, unescaped. */
  record Text(String value) implements Json {}

  /** A number, true, false or null, as written. */
  record Literal(String text) implements Json {}

  /** Reads a text; an exception names the fault and its place, never the content. */
  static Json parse(String text) {
    return new Reader(text).document();
  }

  /** Recursive descent over one text. */
  final class Reader {
    private static final int MAX_DEPTH = 16;
    private static final String NUMBER = "-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";

    private final String text;
    private int at;

    private Reader(String text) {
      this.text = text;
    }

    private Json document() {
      Json value = value(0);
      space();
      if (at < text.length()) {
        throw fault("text after the value");
      }
      return value;
    }

    private Json value(int depth) {
      if (depth > MAX_DEPTH) {
        throw fault("more than " + MAX_DEPTH + " levels");
      }
      space();
      return switch (peek()) {
        case '{' -> object(depth);
        case '[' -> array(depth);
        case '"' -> new Text(string());
        default -> literal();
      };
    }

    private Json object(int depth) {
      at++;
      var members = new LinkedHashMap<String, Json>();
      space();
      if (peek() == '}') {
        at++;
        return new Obj(members);
      }
      while (true) {
        space();
        String name = string();
        space();
        expect(':');
        if (members.containsKey(name)) {
          throw fault("a member twice");
        }
        members.put(name, value(depth + 1));
        space();
        if (peek() == '}') {
          at++;
          return new Obj(members);
        }
        expect(',');
      }
    }

    private Json array(int depth) {
      at++;
      var items = new ArrayList<Json>();
      space();
      if (peek() == ']') {
        at++;
        return new Arr(items);
      }
      while (true) {
        items.add(value(depth + 1));
        space();
        if (peek() == ']') {
          at++;
          return new Arr(items);
        }
        expect(',');
      }
    }

    private Json literal() {
      int start = at;
      while (at < text.length() && "+-.0123456789truefalsnE".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String word = text.substring(start, at);
      boolean known = word.equals("true") || word.equals("false") || word.equals("null");
      if (!known && !(word.length() <= 64 && word.matches(NUMBER))) {
        throw fault("no JSON value");
      }
      return new Literal(word);
    }

    private String string() {
      expect('"');
      var value = new StringBuilder();
      while (true) {
        char next = take();
        if (next == '"') {
          return value.toString();
        }
        if (next < ' ') {
          throw fault("a control character in a string");
        }
        value.append(next == '\\' ? escape() : next);
      }
    }

    private char escape() {
      return switch (take()) {
        case '"' -> '"';
        case '\\' -> '\\';
        case '/' -> '/';
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'u' -> unicode();
        default -> throw fault("an unknown escape");
      };
    }

    private char unicode() {
      int code = 0;
      for (int i = 0; i < 4; i++) {
        char digit = take();
        int value = digit < 128 ? Character.digit(digit, 16) : -1;
        if (value < 0) {
          throw fault("an escape that is not four hex digits");
        }
        code = code * 16 + value;
      }
      return (char) code;
    }

    private void space() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private char peek() {
      if (at >= text.length()) {
        throw fault("the text ends early");
      }
      return text.charAt(at);
    }

    private char take() {
      char next = peek();
      at++;
      return next;
    }

    private void expect(char wanted) {
      if (take() != wanted) {
        throw fault("expected " + wanted);
      }
    }

    private IllegalArgumentException fault(String what) {
      return new IllegalArgumentException("not JSON at character " + at + ": " + what);
    }
  }
}
