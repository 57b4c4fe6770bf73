/** Which cryptographic provider does the work. */
@NullMarked
package dev.signet.ca.adapter.crypto;

import org.jspecify.annotations.NullMarked;
