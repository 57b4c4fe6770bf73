/** The one thing an agent may ask a Kubernetes API server, where it is the agents that review. */
@NullMarked
package dev.signet.agent.adapter.kubernetes;

import org.jspecify.annotations.NullMarked;
