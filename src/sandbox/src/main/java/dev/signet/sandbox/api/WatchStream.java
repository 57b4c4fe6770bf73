package dev.signet.sandbox.api;

import com.google.gson.JsonObject;
import dev.signet.sandbox.api.ObjectStore.Changes;
import dev.signet.sandbox.api.ObjectStore.Snapshot;
import dev.signet.sandbox.api.ObjectStore.StoreEvent;
import java.io.IOException;
import java.time.Duration;

/**
 * One watch: a line of JSON per change. An object that begins to match the selector is ADDED, one
 * that ceases to is DELETED. Too old a resource version is answered on the stream, by an ERROR
 * event with a Status of code 410, as a real server does.
 */
final class WatchStream {
  private final ObjectStore store;
  private final Query query;

  WatchStream(ObjectStore store, Query query) {
    this.store = store;
    this.query = query;
  }

  /** Writes events until the time-out, the server's end, or an interrupt (the client left). */
  void run(Sink sink) throws IOException, InterruptedException {
    long end = System.nanoTime() + query.timeout().toNanos();
    long bookmark = System.nanoTime() + query.bookmarks().toNanos();
    try {
      long seen = query.fromNow() ? sendExisting(sink) : query.after();
      while (true) {
        long now = System.nanoTime();
        long wait = query.withBookmarks() ? Math.min(end - now, bookmark - now) : end - now;
        Changes changes =
            store.changesAfter(query.resource(), seen, Duration.ofNanos(Math.max(0, wait)));
        for (StoreEvent event : changes.events()) {
          send(sink, event);
        }
        seen = changes.version();
        boolean over = System.nanoTime() - end >= 0 || store.closed();
        if (query.withBookmarks() && (over || System.nanoTime() - bookmark >= 0)) {
          sink.line(event("BOOKMARK", query.as().bookmark(query.resource(), seen)));
          bookmark += query.bookmarks().toNanos();
        }
        if (over) {
          return;
        }
      }
    } catch (ApiFailure failure) {
      sink.line(event("ERROR", failure.json()));
    }
  }

  private long sendExisting(Sink sink) throws IOException, InterruptedException {
    Snapshot snapshot = store.list(query.resource());
    for (ApiObject object : snapshot.objects()) {
      if (query.matches(object)) {
        sink.line(event("ADDED", query.as().object(object)));
      }
    }
    return snapshot.version();
  }

  private void send(Sink sink, StoreEvent event) throws IOException, InterruptedException {
    ApiObject before = event.before();
    ApiObject after = event.after();
    boolean matched = before != null && query.matches(before);
    if (after != null && query.matches(after)) {
      sink.line(event(matched ? "MODIFIED" : "ADDED", query.as().object(after)));
    } else if (before != null && matched) {
      ApiObject last =
          before.withMetadata(
              metadata -> metadata.addProperty("resourceVersion", Long.toString(event.version())));
      sink.line(event("DELETED", query.as().object(last)));
    }
  }

  private static String event(String type, JsonObject object) {
    JsonObject event = new JsonObject();
    event.addProperty("type", type);
    event.add("object", object);
    return event.toString();
  }

  /** Where the lines go; fails when the client has left. */
  @FunctionalInterface
  interface Sink {
    void line(String json) throws IOException, InterruptedException;
  }

  /**
   * What is watched.
   *
   * @param namespace empty for all
   * @param after resource version to resume after; below 0: begin with what exists
   * @param bookmarks time between bookmarks
   */
  record Query(
      Resource resource,
      String namespace,
      FieldSelector selector,
      Representation as,
      long after,
      Duration timeout,
      Duration bookmarks,
      boolean withBookmarks) {

    boolean fromNow() {
      return after < 0;
    }

    boolean matches(ApiObject object) {
      return (namespace.isEmpty() || namespace.equals(object.namespace()))
          && selector.matches(object);
    }
  }
}
