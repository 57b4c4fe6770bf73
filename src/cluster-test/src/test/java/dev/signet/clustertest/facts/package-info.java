/** What Signet takes for granted of Kubernetes, seen on a real API server and a real kubelet. */
@NullMarked
package dev.signet.clustertest.facts;

import org.jspecify.annotations.NullMarked;
