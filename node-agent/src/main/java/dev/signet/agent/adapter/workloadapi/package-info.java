/** The SPIFFE Workload API and Signet's acknowledgement service on each pod's socket. */
@NullMarked
package dev.signet.agent.adapter.workloadapi;

import org.jspecify.annotations.NullMarked;
