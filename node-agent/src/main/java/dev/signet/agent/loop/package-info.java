/** The one thread on which all of the agent's changing state lives, and its timers. */
@NullMarked
package dev.signet.agent.loop;

import org.jspecify.annotations.NullMarked;
