package dev.signet.cli;

/** How the command ends. The numbers are an interface. */
final class ExitCode {
  /** Done. */
  static final int OK = 0;

  /** It was tried and did not succeed. */
  static final int FAILED = 1;

  /** The command line or a file is wrong, and nothing was started. */
  static final int USAGE = 2;

  /** {@code preflight} and the commands to a CA: nobody to talk to. */
  static final int UNREACHABLE = 3;

  /** {@code volumes --exit-code}: pods need the agents yet. */
  static final int IN_USE = 3;

  /** {@code rotate watch --timeout}: the rotation is not complete yet. */
  static final int TIMED_OUT = 4;

  private ExitCode() {}
}
