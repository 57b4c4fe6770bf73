/** The Kubernetes API: reviews of tokens, pods, the watches, and whether all that is allowed. */
@NullMarked
package dev.signet.ca.adapter.kubernetes;

import org.jspecify.annotations.NullMarked;
