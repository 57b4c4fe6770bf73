/**
 * What is known of a cluster, as plain values. A fact that could not be seen says so, with the
 * reason: it is never taken for absent.
 */
@NullMarked
package dev.signet.cli.cluster;

import org.jspecify.annotations.NullMarked;
