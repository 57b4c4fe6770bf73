/**
 * The trust bundle the agent holds and hands out, and the evidence of who loaded which revision.
 */
@NullMarked
package dev.signet.agent.bundle;

import org.jspecify.annotations.NullMarked;
