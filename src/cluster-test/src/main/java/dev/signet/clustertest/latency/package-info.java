/** How long a pod takes from its creation to its SVID, beside pods without our volume. */
@NullMarked
package dev.signet.clustertest.latency;

import org.jspecify.annotations.NullMarked;
