/** The store in PostgreSQL: several processes may write to it, and it may fail over (ADR 17). */
@NullMarked
package dev.signet.ca.adapter.postgresql;

import org.jspecify.annotations.NullMarked;
