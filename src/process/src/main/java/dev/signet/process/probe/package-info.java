/** What a process tells those who watch it: liveness, readiness with reasons, metrics. */
@NullMarked
package dev.signet.process.probe;

import org.jspecify.annotations.NullMarked;
