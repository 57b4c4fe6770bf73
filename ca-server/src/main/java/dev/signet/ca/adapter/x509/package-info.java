/** Certificates and certification requests as bytes, by Bouncy Castle. */
@NullMarked
package dev.signet.ca.adapter.x509;

import org.jspecify.annotations.NullMarked;
