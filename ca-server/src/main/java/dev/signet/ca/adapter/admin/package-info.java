/**
 * What operators reach the CA by: gRPC on a Unix socket of the CA's own machine, with a pool of
 * threads of its own, so that it answers whether agents flood the CA or not.
 */
@NullMarked
package dev.signet.ca.adapter.admin;

import org.jspecify.annotations.NullMarked;
