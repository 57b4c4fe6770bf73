package dev.signet.ca.rotation;

import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what agents say. What is said while a transaction is under way gathers for the next
 * one, the later word of a node over its earlier one; there is no timer. While the store is away
 * the newest words are kept, one report a node, and written when it is back. Thread-safe; nobody
 * who says something waits.
 */
public final class EvidenceWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EvidenceWriter.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final EvidenceStore store;
  private final Runnable onWritten;
  private final Thread thread = Thread.ofVirtual().name("evidence-writer").unstarted(this::run);
  private final CountDownLatch closed = new CountDownLatch(1);
  private Map<NodeRef, AgentReport> said = new LinkedHashMap<>();

  /** Nodes whose words are being written. */
  private final Set<NodeRef> taken = new HashSet<>();

  /**
   * Makes a writer that is not started.
   *
   * @param onWritten runs after each write; must not block
   */
  public EvidenceWriter(EvidenceStore store, Runnable onWritten) {
    this.store = store;
    this.onWritten = onWritten;
  }

  public void start() {
    thread.start();
  }

  /** An agent's next word. */
  public synchronized void said(AgentReport report) {
    said.merge(report.node(), report, AgentReport::followedBy);
    notifyAll();
  }

  /**
   * The agent's session here is over. What it said and is not written yet is forgotten: it says all
   * of it anew where it connects next, and that must not be written over.
   */
  public synchronized void gone(NodeRef node) {
    said.remove(node);
    taken.remove(node);
  }

  private void run() {
    try {
      while (true) {
        List<AgentReport> reports = take();
        try {
          store.heard(reports);
          onWritten.run();
        } catch (RefusedException | RuntimeException e) {
          log.warn(
              "what {} agents said is not written down yet: {}", reports.size(), e.getMessage());
          giveBack(reports);
          if (closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<AgentReport> take() throws InterruptedException {
    while (said.isEmpty()) {
      wait();
    }
    List<AgentReport> reports = new ArrayList<>(said.values());
    said = new LinkedHashMap<>();
    taken.clear();
    reports.forEach(report -> taken.add(report.node()));
    return reports;
  }

  private synchronized void giveBack(List<AgentReport> reports) {
    Map<NodeRef, AgentReport> older = new LinkedHashMap<>();
    reports.stream()
        .filter(report -> taken.contains(report.node()))
        .forEach(report -> older.put(report.node(), report));
    said.values().forEach(report -> older.merge(report.node(), report, AgentReport::followedBy));
    said = older;
  }

  /** What is not written yet is lost; agents say it again when they connect. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
