/** A Java application of the suites: it stands on the SDK alone and runs in a pod. */
@NullMarked
package dev.signet.clustertest.workload;

import org.jspecify.annotations.NullMarked;
