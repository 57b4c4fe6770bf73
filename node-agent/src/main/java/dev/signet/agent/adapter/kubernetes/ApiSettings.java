package dev.signet.agent.adapter.kubernetes;

import java.net.URI;
import java.nio.file.Path;

/**
 * How the API server is reached and known.
 *
 * @param server {@code https} and where it is, without a path
 * @param caFile certificates that the server's is checked against, PEM; read at each use
 * @param tokenFile the agent's own token for the API server; read at each use
 */
public record ApiSettings(URI server, Path caFile, Path tokenFile) {}
