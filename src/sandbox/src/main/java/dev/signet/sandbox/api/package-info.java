/**
 * A Kubernetes-style API server for one machine: the real wire format for the part of the API that
 * Signet and its sandbox use, served to the official client over HTTPS.
 *
 * <p>It keeps its objects in memory. {@code KubernetesApiContract} runs against it and against a
 * real API server, so that what it says stays true.
 */
@NullMarked
package dev.signet.sandbox.api;

import org.jspecify.annotations.NullMarked;
