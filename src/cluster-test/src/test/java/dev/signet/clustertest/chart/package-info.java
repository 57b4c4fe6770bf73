/** The chart, as Helm renders it and as a real API server takes it. No node is needed. */
@NullMarked
package dev.signet.clustertest.chart;

import org.jspecify.annotations.NullMarked;
