/** Volumes: what kubelet asks for, checked once, and the life of each from publish to unpublish. */
@NullMarked
package dev.signet.agent.volume;

import org.jspecify.annotations.NullMarked;
