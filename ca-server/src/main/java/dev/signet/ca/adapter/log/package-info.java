/** The audit trail as log lines. */
@NullMarked
package dev.signet.ca.adapter.log;

import org.jspecify.annotations.NullMarked;
