/**
 * A stand-in for kubelet: it finds CSI drivers, mounts volumes, runs pods and removes them by the
 * calls of a real one and in its order, over the API of any server and over the sockets of real
 * drivers. What a pod's containers are is left to a {@link
 * dev.signet.sandbox.kubelet.ContainerRuntime}.
 */
@NullMarked
package dev.signet.sandbox.kubelet;

import org.jspecify.annotations.NullMarked;
