package dev.signet.ca.bundle;

import java.util.Optional;

/** A place in memory, which changes and breaks on order. Thread-safe. */
public final class MemoryPublishedBundle implements PublishedBundle {
  private Optional<String> text = Optional.empty();
  private Optional<String> trouble = Optional.empty();
  private int conflicts;
  private int writes;

  public synchronized void put(Optional<String> others) {
    text = others;
  }

  public synchronized Optional<String> text() {
    return text;
  }

  public synchronized void trouble(Optional<String> why) {
    trouble = why;
  }

  /** The next so many writes find that others were faster. */
  public synchronized void conflicts(int count) {
    conflicts = count;
  }

  public synchronized int writes() {
    return writes;
  }

  @Override
  public String name() {
    return "the place in memory";
  }

  @Override
  public String howToClear() {
    return "forget it";
  }

  @Override
  public synchronized Look look() throws PublicationException {
    requireWell();
    Optional<String> found = text;
    return new Look() {
      @Override
      public Optional<String> text() {
        return found;
      }

      @Override
      public void replace(String pem) throws PublicationException {
        write(found, pem);
      }
    };
  }

  private synchronized void write(Optional<String> found, String pem) throws PublicationException {
    requireWell();
    if (conflicts > 0 || !text.equals(found)) {
      conflicts--;
      throw PublicationException.changedMeanwhile(name());
    }
    writes++;
    text = Optional.of(pem);
  }

  private void requireWell() throws PublicationException {
    if (trouble.isPresent()) {
      throw new PublicationException(trouble.get());
    }
  }
}
