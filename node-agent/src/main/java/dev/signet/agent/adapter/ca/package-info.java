/** The CA over gRPC and TLS 1.3. */
@NullMarked
package dev.signet.agent.adapter.ca;

import org.jspecify.annotations.NullMarked;
