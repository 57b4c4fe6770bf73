/** The agent's settings. */
@NullMarked
package dev.signet.agent.config;

import org.jspecify.annotations.NullMarked;
