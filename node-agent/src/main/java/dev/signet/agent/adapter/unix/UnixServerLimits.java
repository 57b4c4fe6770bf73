package dev.signet.agent.adapter.unix;

import java.time.Duration;

/**
 * What one socket may cost, whoever is on the other side (THREATS.md T6, I13).
 *
 * @param connections open at once; one more is closed unread
 * @param streams calls open at once on a connection
 * @param messageBytes of a request
 * @param metadataBytes of a call's metadata
 * @param handshake time in which a new connection must have spoken HTTP/2
 */
public record UnixServerLimits(
    int connections, int streams, int messageBytes, int metadataBytes, Duration handshake) {}
