package dev.signet.sandbox.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the story: plain text without colours or cursor movements, at most {@value #WIDTH} columns
 * wide, each line as it happens. Texts of foreign making may be passed: control characters are
 * shown as {@code ?}. Thread-safe.
 */
final class Narrator {
  static final int WIDTH = 100;
  private static final String INDENT = "   ";

  private final PrintStream out;
  private int chapter;
  private boolean silent;

  Narrator(PrintStream out) {
    this.out = out;
  }

  /** A numbered part of the story. */
  synchronized void chapter(String title) {
    chapter++;
    print("");
    print(chapter + ". " + printable(title));
  }

  /** A part that belongs to no chapter. */
  synchronized void heading(String title) {
    print("");
    print(printable(title));
  }

  synchronized void line(String text) {
    wrapped(INDENT, INDENT, printable(text), WIDTH - INDENT.length());
  }

  /** Something to copy: never broken. */
  synchronized void verbatim(String text) {
    print(INDENT + INDENT + printable(text));
  }

  /**
   * One row of aligned cells. The last cell is wrapped where it is too long; an earlier one that is
   * too wide pushes the others to the right.
   *
   * @param widths of all cells but the last
   */
  synchronized void row(List<Integer> widths, Object... cells) {
    StringBuilder start = new StringBuilder(INDENT);
    int column = INDENT.length();
    for (int i = 0; i < cells.length - 1; i++) {
      start.append(printable(String.valueOf(cells[i])));
      column += widths.get(i) + 2;
      start.repeat(' ', Math.max(2, column - start.length()));
    }
    wrapped(
        start.toString(),
        " ".repeat(column),
        printable(String.valueOf(cells[cells.length - 1])),
        WIDTH - column);
  }

  /** Says nothing from now on: somebody pressed Ctrl-C, and what fails now fails for that. */
  synchronized void fallSilent() {
    silent = true;
  }

  private void wrapped(String first, String next, String text, int width) {
    List<String> lines = wrap(text, width);
    for (int i = 0; i < lines.size(); i++) {
      print((i == 0 ? first : next) + lines.get(i));
    }
  }

  private void print(String line) {
    if (!silent) {
      out.println(line.stripTrailing());
      out.flush();
    }
  }

  /**
   * At spaces where there are any; a word longer than a line stays whole, so that it can be copied.
   */
  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      if (!line.isEmpty()) {
        line.append(' ');
      }
      line.append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
