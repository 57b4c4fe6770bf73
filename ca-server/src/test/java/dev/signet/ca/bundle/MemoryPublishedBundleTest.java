package dev.signet.ca.bundle;

import java.util.Optional;

class MemoryPublishedBundleTest implements PublishedBundleContract {
  private final MemoryPublishedBundle place = new MemoryPublishedBundle();

  @Override
  public PublishedBundle place() {
    return place;
  }

  @Override
  public void othersPut(String text) {
    place.put(Optional.of(text));
  }

  @Override
  public void breakIt() {
    place.trouble(Optional.of("it is broken; mend it"));
  }
}
