/** The chart installed, and what its users see: pods of all shapes get identities and use them. */
@NullMarked
package dev.signet.clustertest.endtoend;

import org.jspecify.annotations.NullMarked;
