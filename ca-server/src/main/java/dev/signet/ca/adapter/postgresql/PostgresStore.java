package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.SealedKeyPlace;
import dev.signet.ca.rotation.EvidenceStore;
import dev.signet.ca.rotation.TrustStateStore;
import dev.signet.ca.store.CaStore;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The store in a PostgreSQL database. Holds nothing in memory that another process could
 * contradict. Once open, a server that is away or was replaced by its standby is a matter of
 * refusals until it is back, never of a restart. Thread-safe.
 */
public final class PostgresStore implements CaStore {
  /** How many records may wait for the writer; less than a second of them. */
  private static final int QUEUE = 8192;

  private final PostgresPools pools;
  private final RecordWriter writer;
  private final PostgresTrustStateStore trustStates;
  private final PostgresEvidenceStore evidence;

  private PostgresStore(
      PostgresSettings settings, PostgresPools pools, RecordWriter writer, IssuanceSteps steps) {
    this.pools = pools;
    this.writer = writer;
    this.trustStates = new PostgresTrustStateStore(pools, new StepListener(settings), steps);
    this.evidence = new PostgresEvidenceStore(pools);
  }

  /**
   * Whether the database holds a store.
   *
   * @throws StartRefusedException if that cannot be known
   */
  public static boolean exists(PostgresSettings settings) throws StartRefusedException {
    return new PostgresStartCheck(settings).exists();
  }

  /**
   * Opens the store of a CA that was set up; makes none.
   *
   * @param onFatal told, once, why nothing can be written any more; the process has to stop
   * @throws StartRefusedException if it cannot be reached, is missing or of a newer release
   */
  public static PostgresStore open(
      PostgresSettings settings, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException {
    return start(settings, false, steps, onFatal);
  }

  /**
   * Opens the store, or makes one in an empty database; for setting up a CA alone.
   *
   * @throws StartRefusedException as {@link #open} does
   */
  public static PostgresStore create(
      PostgresSettings settings, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException {
    return start(settings, true, steps, onFatal);
  }

  private static PostgresStore start(
      PostgresSettings settings, boolean empty, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException {
    new PostgresStartCheck(settings).migrate(empty);
    PostgresPools pools = new PostgresPools(settings);
    RecordWriter writer = new RecordWriter(pools, QUEUE, steps, onFatal);
    writer.start();
    return new PostgresStore(settings, pools, writer, steps);
  }

  @Override
  public IssuanceLog issuanceLog() {
    return new PostgresIssuanceLog(writer, pools);
  }

  @Override
  public AuthorityStore authorityStore() {
    return new PostgresAuthorityStore(pools);
  }

  @Override
  public LiveAgents liveAgents() {
    return new PostgresLiveAgents(pools);
  }

  @Override
  public TrustStateStore trustStates() {
    return trustStates;
  }

  @Override
  public EvidenceStore evidence() {
    return evidence;
  }

  @Override
  public Optional<SealedKeyPlace> sealedKeys() {
    return Optional.of(new PostgresSealedKeys(pools));
  }

  @Override
  public void check() throws RefusedException {
    pools.query("SELECT revision FROM bundle", row -> row.getLong(1));
    writer.requireTaking();
  }

  @Override
  public void close() {
    try {
      trustStates.close();
      writer.close();
    } finally {
      pools.close();
    }
  }
}
