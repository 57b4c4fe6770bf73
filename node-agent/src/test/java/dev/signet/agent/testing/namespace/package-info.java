/** Suites that mount, run where nothing of it reaches the machine. */
@NullMarked
package dev.signet.agent.testing.namespace;

import org.jspecify.annotations.NullMarked;
