/** What is counted and timed. No label holds the name of a pod, an ID or a part of a token. */
@NullMarked
package dev.signet.ca.adapter.metrics;

import org.jspecify.annotations.NullMarked;
