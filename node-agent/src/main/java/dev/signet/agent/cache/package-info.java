/**
 * What outlives the agent's process: live volumes, their SVIDs and the bundle, kept while the agent
 * runs and taken up again by the next one.
 */
@NullMarked
package dev.signet.agent.cache;

import org.jspecify.annotations.NullMarked;
