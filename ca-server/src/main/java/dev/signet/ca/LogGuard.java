package dev.signet.ca;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Keeps tokens out of logs whatever level is asked for: at DEBUG, gRPC's transport prints every
 * HTTP/2 frame with its first bytes, at TRACE with all of them (THREATS T35). Those loggers stay at
 * INFO.
 */
final class LogGuard {
  private static final List<String> FRAME_LOGGERS =
      List.of(
          "io.grpc.netty.NettyServerHandler",
          "io.netty.handler.codec.http2",
          "io.netty.handler.logging");

  /** Held here, since java.util.logging forgets the level of a logger that nobody holds. */
  private static final java.util.logging.Logger GRPC =
      java.util.logging.Logger.getLogger("io.grpc");

  private LogGuard() {}

  static void install() {
    for (String name : FRAME_LOGGERS) {
      if (LoggerFactory.getLogger(name) instanceof Logger logger) {
        logger.setLevel(Level.INFO);
      }
    }
    // gRPC itself logs a stack trace for each malformed frame: anybody could fill the disk with it.
    GRPC.setLevel(java.util.logging.Level.SEVERE);
    // Harmless and one an operator's connection: gRPC sets SO_KEEPALIVE, which a Unix socket does
    // not have.
    if (LoggerFactory.getLogger("io.netty.bootstrap") instanceof Logger logger) {
      logger.setLevel(Level.ERROR);
    }
  }
}
