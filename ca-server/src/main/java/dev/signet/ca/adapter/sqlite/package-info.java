/** The embedded store: one file, one process, one writer. */
@NullMarked
package dev.signet.ca.adapter.sqlite;

import org.jspecify.annotations.NullMarked;
