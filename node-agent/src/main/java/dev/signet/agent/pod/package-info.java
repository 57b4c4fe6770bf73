/** A pod as the agent knows it: its names, and the token that proves it to the CA. */
@NullMarked
package dev.signet.agent.pod;

import org.jspecify.annotations.NullMarked;
