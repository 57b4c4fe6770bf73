/**
 * Whether a cluster is fit for Signet, and an installation in order: pure decisions on facts, each
 * with its mend.
 */
@NullMarked
package dev.signet.cli.preflight;

import org.jspecify.annotations.NullMarked;
