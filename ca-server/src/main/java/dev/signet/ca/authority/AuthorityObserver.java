package dev.signet.ca.authority;

import dev.signet.ca.issuance.RefusedException;

/** Told what becomes of the issuing authority. Implementations are thread-safe and do not block. */
public interface AuthorityObserver {
  /** Does nothing. */
  AuthorityObserver NONE =
      new AuthorityObserver() {
        @Override
        public void changed(AuthorityLife life) {}

        @Override
        public void replacementFailed(RefusedException cause) {}
      };

  /** Another authority signs from now on, the first one after a start included. */
  void changed(AuthorityLife life);

  /** The next one could not be made; it is tried again, and the present one signs to its end. */
  void replacementFailed(RefusedException cause);
}
