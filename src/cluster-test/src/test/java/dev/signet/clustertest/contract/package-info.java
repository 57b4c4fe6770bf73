/** What Signet relies on in Kubernetes, asked of a real API server. */
@NullMarked
package dev.signet.clustertest.contract;

import org.jspecify.annotations.NullMarked;
