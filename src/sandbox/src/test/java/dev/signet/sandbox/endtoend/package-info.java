/** The whole path, over real sockets and with the real processes. */
@NullMarked
package dev.signet.sandbox.endtoend;

import org.jspecify.annotations.NullMarked;
