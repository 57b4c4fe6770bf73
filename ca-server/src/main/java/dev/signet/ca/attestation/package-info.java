/**
 * Gathers the facts that a decision rests on: what the API server says of a token, and of the pod
 * it names, at this moment; or, for a cluster whose agents review, what its keys signed.
 */
@NullMarked
package dev.signet.ca.attestation;

import org.jspecify.annotations.NullMarked;
