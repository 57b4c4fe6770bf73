/** The node agent's process: main and composition root. */
@NullMarked
package dev.signet.agent;

import org.jspecify.annotations.NullMarked;
