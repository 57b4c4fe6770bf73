/**
 * A whole small cluster on one machine: the API in this process; the CA, the agents and the pods'
 * programs in processes of their own.
 */
@NullMarked
package dev.signet.sandbox.world;

import org.jspecify.annotations.NullMarked;
