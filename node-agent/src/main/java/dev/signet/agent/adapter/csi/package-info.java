/** The CSI services and kubelet's plugin registration. */
@NullMarked
package dev.signet.agent.adapter.csi;

import org.jspecify.annotations.NullMarked;
