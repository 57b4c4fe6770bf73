/** The Java workload of the cluster suites: what its pods run. */
@NullMarked
package dev.signet.javaprobe;

import org.jspecify.annotations.NullMarked;
