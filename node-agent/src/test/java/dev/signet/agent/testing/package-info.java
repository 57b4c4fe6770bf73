/** Fakes and fixtures for the agent's tests. */
@NullMarked
package dev.signet.agent.testing;

import org.jspecify.annotations.NullMarked;
