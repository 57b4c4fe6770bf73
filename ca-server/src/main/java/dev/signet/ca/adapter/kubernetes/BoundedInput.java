package dev.signet.ca.adapter.kubernetes;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Fails instead of reading more than so much. For one thread. */
final class BoundedInput extends FilterInputStream {
  private long left;

  BoundedInput(InputStream in, long most) {
    super(in);
    this.left = most;
  }

  @Override
  public int read() throws IOException {
    return counted(super.read(), 1);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    return counted(read, read);
  }

  private int counted(int result, int bytes) throws IOException {
    if (result >= 0) {
      left -= bytes;
      if (left < 0) {
        throw new IOException("the answer is too long");
      }
    }
    return result;
  }
}
