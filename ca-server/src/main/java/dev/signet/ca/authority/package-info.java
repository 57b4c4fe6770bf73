/**
 * The trust root and the issuing authority below it: how they come to be, are found again at start,
 * and are replaced.
 */
@NullMarked
package dev.signet.ca.authority;

import org.jspecify.annotations.NullMarked;
