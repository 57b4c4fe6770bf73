/** Faults on a cluster that works (rows of FAULTS.md): what running pods notice of them. */
@NullMarked
package dev.signet.clustertest.faults;

import org.jspecify.annotations.NullMarked;
