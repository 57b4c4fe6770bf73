/**
 * The sample shop: programs that run in pods, call each other over mutual TLS with identities from
 * their Workload API sockets, and an intruder that tries to do so without.
 */
@NullMarked
package dev.signet.sandbox.shop;

import org.jspecify.annotations.NullMarked;
