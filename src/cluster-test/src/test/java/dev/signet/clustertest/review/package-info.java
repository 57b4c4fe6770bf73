/** Clusters whose API the CA cannot reach: their agents review tokens. */
@NullMarked
package dev.signet.clustertest.review;

import org.jspecify.annotations.NullMarked;
