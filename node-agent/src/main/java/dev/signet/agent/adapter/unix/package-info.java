/** gRPC servers on Unix sockets: peer credentials, limits, and an end below HTTP/2. */
@NullMarked
package dev.signet.agent.adapter.unix;

import org.jspecify.annotations.NullMarked;
