/**
 * The parts of a helpful message: a foreign value made safe to print, and the name that was
 * probably meant.
 */
@NullMarked
package dev.signet.process.message;

import org.jspecify.annotations.NullMarked;
