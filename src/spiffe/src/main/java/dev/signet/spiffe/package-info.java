/**
 * SPIFFE types and their verification.
 *
 * <p>Identity enters through one parser each ({@link dev.signet.spiffe.SpiffeId#parse}, {@link
 * dev.signet.spiffe.TrustDomain#parse}) and is never a string afterwards. What a peer sends is a
 * {@link dev.signet.spiffe.PresentedX509Chain} and has no identity; only {@link
 * dev.signet.spiffe.X509SvidVerifier} turns it into a {@link dev.signet.spiffe.VerifiedX509Svid}.
 *
 * <p>All types are immutable and safe for use by many threads. Rule names such as {@code ID-5} and
 * {@code X-2} number the sentences of the SPIFFE standards; each refusal carries the one it rests
 * on ({@link dev.signet.spiffe.SpiffeException#rule}).
 */
@NullMarked
package dev.signet.spiffe;

import org.jspecify.annotations.NullMarked;
