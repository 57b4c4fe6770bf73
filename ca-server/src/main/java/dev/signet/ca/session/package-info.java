/**
 * The agents that are connected: what they are told without asking (bundles, removals), and what
 * they say their consumers hold.
 */
@NullMarked
package dev.signet.ca.session;

import org.jspecify.annotations.NullMarked;
