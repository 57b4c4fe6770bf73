/** One story, told by a world that really runs: every line is what was observed. */
@NullMarked
package dev.signet.sandbox.demo;

import org.jspecify.annotations.NullMarked;
