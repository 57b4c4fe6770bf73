/** Micrometer. */
@NullMarked
package dev.signet.agent.adapter.metrics;

import org.jspecify.annotations.NullMarked;
