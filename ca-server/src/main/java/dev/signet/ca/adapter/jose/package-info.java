/** Tokens that a cluster signed, by Nimbus JOSE+JWT. */
@NullMarked
package dev.signet.ca.adapter.jose;

import org.jspecify.annotations.NullMarked;
