/** Whoever asks for an identity that is not its own, with genuine tokens of a real API server. */
@NullMarked
package dev.signet.clustertest.attestation;

import org.jspecify.annotations.NullMarked;
