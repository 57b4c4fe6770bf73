/**
 * A pod's SVID on the node: key, request, renewal point, and the snapshot that its workloads see.
 */
@NullMarked
package dev.signet.agent.svid;

import org.jspecify.annotations.NullMarked;
