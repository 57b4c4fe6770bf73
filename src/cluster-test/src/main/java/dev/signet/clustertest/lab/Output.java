package dev.signet.clustertest.lab;

/** What a program that ended has printed. */
public record Output(String command, int code, String out, String err) {

  /** This, where the program succeeded. */
  public Output succeeded() {
    if (code != 0) {
      throw new AssertionError(
          command + " ended with " + code + "\n" + err.strip() + "\n" + out.strip());
    }
    return this;
  }

  /** Standard output, where the program succeeded. */
  public String orFail() {
    return succeeded().out();
  }

  /** Everything it printed, for a message. */
  public String all() {
    return (out + "\n" + err).strip();
  }
}
