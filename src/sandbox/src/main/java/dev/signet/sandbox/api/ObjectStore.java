package dev.signet.sandbox.api;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The objects, their one ascending resource version and, per resource, the last changes for
 * watches.
 *
 * <p>Thread-safe: one lock, never held over I/O. A change is atomic and seen by readers and watches
 * in the order of the resource versions.
 */
final class ObjectStore {
  /**
   * Where versions start. As on a real server, which writes its own objects first, a version as
   * small as 1 is older than anything a watch can resume from.
   */
  private static final long FIRST_VERSION = 100;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Resource, Table> tables = new EnumMap<>(Resource.class);
  private final int history;
  private long version = FIRST_VERSION;
  private boolean closed;

  /**
   * @param history changes kept per resource; a watch that asks for older ones is told that they
   *     are gone
   */
  ObjectStore(int history) {
    this.history = history;
    for (Resource resource : Resource.values()) {
      tables.put(resource, new Table());
    }
  }

  /** Stores a new object; refuses if one of that name exists. */
  ApiObject create(Resource resource, ApiObject object) {
    lock.lock();
    try {
      Table table = table(resource);
      Key key = new Key(object.namespace(), object.name());
      if (table.objects.containsKey(key)) {
        throw ApiFailure.alreadyExists(resource, object.name());
      }
      ApiObject stored = stamped(object);
      table.objects.put(key, stored);
      record(table, new StoreEvent(version, null, stored));
      return stored;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Changes or removes an object in one step.
   *
   * @param edit gets the current version, answers the next one, or null to remove the object; may
   *     throw to refuse. No change in content makes no new version
   * @return what is stored now, or the last version (with the resource version of its removal)
   */
  ApiObject change(Resource resource, String namespace, String name, NextVersion edit) {
    lock.lock();
    try {
      Table table = table(resource);
      Key key = new Key(namespace, name);
      ApiObject before = table.objects.get(key);
      if (before == null) {
        throw ApiFailure.notFound(resource, name);
      }
      ApiObject after = edit.of(before);
      if (after != null && after.sameContent(before)) {
        return before;
      }
      ApiObject stamped = stamped(after == null ? before : after);
      if (after == null) {
        table.objects.remove(key);
      } else {
        table.objects.put(key, stamped);
      }
      record(table, new StoreEvent(version, before, after == null ? null : stamped));
      return stamped;
    } finally {
      lock.unlock();
    }
  }

  Optional<ApiObject> get(Resource resource, String namespace, String name) {
    lock.lock();
    try {
      return Optional.ofNullable(table(resource).objects.get(new Key(namespace, name)));
    } finally {
      lock.unlock();
    }
  }

  /** Everything of one resource, by namespace and name, with the version at which this was so. */
  Snapshot list(Resource resource) {
    lock.lock();
    try {
      return new Snapshot(version, List.copyOf(table(resource).objects.values()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for changes after a version.
   *
   * @return the changes in order, and the version up to which there are no others; empty after the
   *     time-out
   * @throws ApiFailure if changes after that version are no longer all kept, or it lies in the
   *     future
   */
  Changes changesAfter(Resource resource, long after, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lock();
    try {
      Table table = table(resource);
      while (true) {
        if (after < table.oldest) {
          throw ApiFailure.expired(after, table.oldest);
        }
        if (after > version) {
          throw ApiFailure.futureResourceVersion(after, version);
        }
        List<StoreEvent> events = new ArrayList<>();
        for (StoreEvent event : table.events) {
          if (event.version() > after) {
            events.add(event);
          }
        }
        if (!events.isEmpty() || left <= 0 || closed) {
          return new Changes(version, List.copyOf(events));
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends every wait, for now and for later. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean closed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private Table table(Resource resource) {
    Table table = tables.get(resource);
    if (table == null) {
      throw new IllegalStateException("No table of " + resource);
    }
    return table;
  }

  private ApiObject stamped(ApiObject object) {
    version++;
    return object.withMetadata(
        metadata -> metadata.addProperty("resourceVersion", Long.toString(version)));
  }

  private void record(Table table, StoreEvent event) {
    table.events.addLast(event);
    if (table.events.size() > history) {
      table.oldest = table.events.removeFirst().version();
    }
    changed.signalAll();
  }

  private record Key(String namespace, String name) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byNamespace = namespace.compareTo(other.namespace);
      return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }
  }

  private static final class Table {
    final Map<Key, ApiObject> objects = new TreeMap<>();
    final Deque<StoreEvent> events = new ArrayDeque<>();
    long oldest = FIRST_VERSION;
  }

  /** The next version of an object, or null for none. */
  @FunctionalInterface
  interface NextVersion {
    @Nullable ApiObject of(ApiObject current);
  }

  record Snapshot(long version, List<ApiObject> objects) {}

  record Changes(long version, List<StoreEvent> events) {}

  /** One change: no {@code before} for a new object, no {@code after} for a removed one. */
  record StoreEvent(long version, @Nullable ApiObject before, @Nullable ApiObject after) {}
}
