package dev.signet.agent.adapter.linux;

import java.io.IOException;

/**
 * A system call that failed: which, on what, with which error, and what to do where it is known.
 */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1;

  private final Errno errno;

  LinuxException(String call, String subject, int number) {
    super(text(call, subject, number));
    this.errno = Errno.of(number);
  }

  private static String text(String call, String subject, int number) {
    Errno errno = Errno.of(number);
    String name = errno == Errno.OTHER ? "error " + number : errno.name();
    String mend = errno.mend().isEmpty() ? "" : ": " + errno.mend();
    return call + " on " + subject + ": " + name + mend;
  }

  public Errno errno() {
    return errno;
  }
}
