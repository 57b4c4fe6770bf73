/** The trust domain's bundle and its revision. */
@NullMarked
package dev.signet.ca.bundle;

import org.jspecify.annotations.NullMarked;
