/** The wire to the agents: who may call, how much, and how answers and refusals are written. */
@NullMarked
package dev.signet.ca.adapter.grpc;

import org.jspecify.annotations.NullMarked;
