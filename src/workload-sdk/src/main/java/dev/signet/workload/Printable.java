package dev.signet.workload;

/** Foreign text on its way into a message or a log: bounded, and without control characters. */
final class Printable {

  private Printable() {}

  static String of(String text, int maxLength) {
    String head = text.length() > maxLength ? text.substring(0, maxLength) + "..." : text;
    StringBuilder out = new StringBuilder(head.length());
    head.chars().forEach(c -> out.append(Character.isISOControl(c) ? '?' : (char) c));
    return out.toString();
  }
}
