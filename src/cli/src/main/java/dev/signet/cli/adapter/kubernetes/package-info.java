/** Reads clusters with the official client: what it knows of kubeconfigs, and plain JSON. */
@NullMarked
package dev.signet.cli.adapter.kubernetes;

import org.jspecify.annotations.NullMarked;
