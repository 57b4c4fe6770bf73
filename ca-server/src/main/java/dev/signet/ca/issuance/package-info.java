/**
 * Whether an SVID is issued, and how: gathered facts go into a pure decision; what was granted is
 * built, linted, recorded, signed and validated, in that order.
 */
@NullMarked
package dev.signet.ca.issuance;

import org.jspecify.annotations.NullMarked;
