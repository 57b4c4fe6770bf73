/**
 * What the agent asks of the Linux kernel and the JDK has no class for: walks by descriptor, and
 * mounts. System calls through {@code java.lang.foreign}; Linux 5.12 or later.
 */
@NullMarked
package dev.signet.agent.adapter.linux;

import org.jspecify.annotations.NullMarked;
