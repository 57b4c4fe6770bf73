/** How a process of Signet starts, reports and stops. Knows nothing of identities. */
@NullMarked
package dev.signet.process;

import org.jspecify.annotations.NullMarked;
