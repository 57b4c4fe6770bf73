package dev.signet.ca.bundle;

/** Told what becomes of the published bundle. Implementations are thread-safe and do not block. */
public interface PublicationObserver {
  /** The bundle of this revision is published, as of now. */
  void published(long revision);

  /** Others had changed or removed it, and it is published again. */
  void repaired();

  /** It is not known to be published; tried again soon. */
  void failed(String why);

  /** What is published belongs to another root: this process must end. */
  void refused(String why);
}
