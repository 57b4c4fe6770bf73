package dev.signet.agent.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Everything that is logged at TRACE and above while it is open. */
public final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Level before = root.getLevel();
  private final @Nullable Appender<ILoggingEvent> silenced = root.getAppender("STDERR");

  private CapturedLog() {}

  public static CapturedLog atTrace() {
    var captured = new CapturedLog();
    captured.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    captured.start();
    if (captured.silenced != null) {
      captured.root.detachAppender(captured.silenced);
    }
    captured.root.addAppender(captured);
    captured.root.setLevel(Level.TRACE);
    return captured;
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(
        event.getLoggerName()
            + " "
            + event.getFormattedMessage()
            + (event.getThrowableProxy() == null
                ? ""
                : ThrowableProxyUtil.asString(event.getThrowableProxy())));
  }

  public List<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    root.detachAppender(this);
    root.setLevel(before);
    if (silenced != null) {
      root.addAppender(silenced);
    }
    stop();
  }
}
