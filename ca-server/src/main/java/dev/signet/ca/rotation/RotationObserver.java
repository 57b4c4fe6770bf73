package dev.signet.ca.rotation;

import java.util.List;
import java.util.Optional;

/** Told how a rotation stands. Implementations are thread-safe and do not block. */
public interface RotationObserver {
  /** Does nothing. */
  RotationObserver NONE =
      new RotationObserver() {
        @Override
        public void looked(TrustState state, List<Gate> gates, Optional<String> alarm) {}

        @Override
        public void failed(String why) {}
      };

  /**
   * The state as it is now.
   *
   * @param gates of the steps that are due
   * @param alarm why an operator is needed, if one is
   */
  void looked(TrustState state, List<Gate> gates, Optional<String> alarm);

  /** This replica could not be brought to the newest state; tried again soon. */
  void failed(String why);
}
