package dev.signet.ca.adapter.sqlite;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Real connections whose commits fail on order, as if the disk had said so. Thread-safe. */
final class FaultyConnections implements SqliteConnections {
  private final SqliteConnections real;
  private final List<String> seen = new ArrayList<>();
  private Optional<SQLiteErrorCode> fault = Optional.empty();

  FaultyConnections(SqliteConnections real) {
    this.real = real;
  }

  synchronized void failCommits(SQLiteErrorCode code) {
    fault = Optional.of(code);
  }

  synchronized void heal() {
    fault = Optional.empty();
  }

  /** {@code open}, {@code close}, and each {@code COMMIT} that was tried. */
  synchronized List<String> seen() {
    return List.copyOf(seen);
  }

  private synchronized void note(String what) {
    seen.add(what);
  }

  private synchronized void commitOrFail() throws SQLException {
    seen.add("COMMIT");
    if (fault.isPresent()) {
      throw new SQLiteException("on order", fault.get());
    }
  }

  @Override
  public Connection open() throws SQLException {
    note("open");
    Connection connection = real.open();
    return proxy(
        Connection.class,
        (_, method, arguments) -> {
          if (method.getName().equals("close")) {
            note("close");
          }
          Object result = invoke(connection, method, arguments);
          return method.getName().equals("createStatement")
              ? statement((Statement) result)
              : result;
        });
  }

  private Statement statement(Statement statement) {
    return proxy(
        Statement.class,
        (_, method, arguments) -> {
          if (method.getName().equals("execute") && arguments[0].equals("COMMIT")) {
            commitOrFail();
          }
          return invoke(statement, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            FaultyConnections.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
