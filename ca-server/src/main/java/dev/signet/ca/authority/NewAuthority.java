package dev.signet.ca.authority;

import dev.signet.ca.keys.KeyId;

/** What an authority that is yet to be made is for. */
public sealed interface NewAuthority {
  /** The root of a new trust domain. */
  record FirstRoot() implements NewAuthority {}

  /** A replica's issuing authority below a root. */
  record Issuing(KeyId root, String replica) implements NewAuthority {}
}
