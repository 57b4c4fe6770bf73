/** The use cases: an SVID for a pod, for an agent, for this server. */
@NullMarked
package dev.signet.ca.svid;

import org.jspecify.annotations.NullMarked;
