/**
 * Signet on a real API server, real kubelets and a real container runtime. The suites ({@code
 * *ClusterIT}) run inside the lab, with its {@code KUBECONFIG}, {@code kubectl} and {@code helm}:
 *
 * <pre>src/cluster-test/run [PATTERN]</pre>
 */
@NullMarked
package dev.signet.clustertest;

import org.jspecify.annotations.NullMarked;
