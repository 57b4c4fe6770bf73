/**
 * The rotation of the trust root: what state it is in, what may be done next, and who has to have
 * what before. Pure decisions; the stores and the replicas' own work are ports.
 */
@NullMarked
package dev.signet.ca.rotation;

import org.jspecify.annotations.NullMarked;
