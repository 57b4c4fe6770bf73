/** The operator's command, run as its image in the cluster it looks at. */
@NullMarked
package dev.signet.clustertest.preflight;

import org.jspecify.annotations.NullMarked;
