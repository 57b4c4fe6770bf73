package dev.signet.cli.preflight;

/** How a check ended; as it is printed. */
public enum Status {
  OK,
  /** It works, with a loss that is named. */
  WARN,
  /** It does not work, or what keeps it safe is not there. */
  FAIL,
  /** It could not be seen. Never taken for good. */
  UNKNOWN,
  /** It is a matter of an installation, and Signet is not installed yet. */
  NOT_INSTALLED
}
