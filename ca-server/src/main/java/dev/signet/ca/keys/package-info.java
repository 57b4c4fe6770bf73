/** Private keys behind one port: they are made, used and destroyed, and never leave it. */
@NullMarked
package dev.signet.ca.keys;

import org.jspecify.annotations.NullMarked;
