package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import dev.signet.ca.keys.SealedKeyPlace;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Sealed keys as rows, so that any replica has them. Thread-safe. */
final class PostgresSealedKeys implements SealedKeyPlace {
  private final PostgresPools pools;

  PostgresSealedKeys(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public boolean write(KeyId id, byte[] sealed, Runnable written) throws KeyManagerException {
    return write(
        id,
        "written",
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO sealed_key (key_id, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, id.value());
            insert.setBytes(2, sealed);
            boolean inserted = insert.executeUpdate() == 1;
            if (inserted) {
              written.run();
            }
            return inserted;
          }
        });
  }

  @Override
  public Optional<byte[]> read(KeyId id, int limit) throws KeyManagerException {
    try {
      return pools
          .query(
              "SELECT substring(sealed FOR " + limit + ") FROM sealed_key WHERE key_id = ?",
              row -> row.getBytes(1),
              id.value())
          .stream()
          .findFirst();
    } catch (RefusedException e) {
      throw unavailable(place(id), "read", e);
    }
  }

  @Override
  public void delete(KeyId id) throws KeyManagerException {
    var _ =
        write(
            id,
            "deleted",
            connection -> {
              try (PreparedStatement delete =
                  connection.prepareStatement("DELETE FROM sealed_key WHERE key_id = ?")) {
                delete.setString(1, id.value());
                return delete.executeUpdate();
              }
            });
  }

  @Override
  public List<KeyId> list() throws KeyManagerException {
    try {
      // In the order of bytes, whatever the database sorts by.
      return pools.query(
          "SELECT key_id FROM sealed_key ORDER BY key_id COLLATE \"C\"",
          row -> new KeyId(row.getString(1)));
    } catch (RefusedException | IllegalArgumentException e) {
      throw unavailable("the table sealed_key of the store", "read", e);
    }
  }

  @Override
  public String place(KeyId id) {
    return "the sealed key " + id + " in the store";
  }

  private <T> T write(KeyId id, String how, PostgresPools.Task<T> task) throws KeyManagerException {
    try {
      return pools.transaction(task);
    } catch (SQLException e) {
      throw unavailable(place(id), how, e);
    }
  }

  private static KeyManagerException unavailable(String what, String how, Exception cause) {
    return new KeyManagerException(
        Problem.UNAVAILABLE, what + " cannot be " + how + ": " + cause.getMessage(), cause);
  }
}
