package dev.signet.ca;

import dev.signet.ca.adapter.postgresql.PostgresServer;
import dev.signet.ca.issuance.IssuanceStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The long drill: kills on SQLite and on PostgreSQL side by side. Exit code 1 if anything was
 * violated; the store is kept then, and so are the seed and the kill that it takes.
 *
 * <p>Arguments: folder to work in, kills in all, and the seed, if it is to be a certain one.
 */
public final class KillDrills {
  private KillDrills() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).toAbsolutePath();
    int kills = Integer.parseInt(args[1]);
    long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime();
    System.out.printf(Locale.ROOT, "%d kills on two stores, seed %d%n", kills, seed);
    List<String> java = DrillJvm.fast(folder.resolve("jvm"));
    String url = PostgresServer.shared().newDatabase();
    long begin = System.nanoTime();
    boolean held;
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      Future<Boolean> sqlite =
          both.submit(drill("SQLite", folder, Optional.empty(), java, kills - kills / 2, seed));
      Future<Boolean> postgres =
          both.submit(drill("PostgreSQL", folder, Optional.of(url), java, kills / 2, seed));
      boolean first = sqlite.get();
      held = postgres.get() && first;
    } catch (ExecutionException e) {
      System.out.println("the drill itself failed: " + e.getMessage());
      e.printStackTrace();
      held = false;
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%s after %.0f s, %.2f kills/s%n",
        held ? "all held" : "VIOLATED",
        seconds,
        kills / seconds);
    System.exit(held ? 0 : 1);
  }

  private static Callable<Boolean> drill(
      String name, Path folder, Optional<String> url, List<String> java, int kills, long seed) {
    return () -> {
      Path own = Files.createDirectories(folder.resolve(name.toLowerCase(Locale.ROOT)));
      KillCampaign campaign = new KillCampaign(own, url, java, seed);
      try {
        long begin = System.nanoTime();
        for (int i = 1; i <= kills; i++) {
          campaign.kill();
          if (i % 25 == 0) {
            say(name, campaign, begin);
          }
        }
        campaign.settle();
        say(name, campaign, begin);
        // Each step that ends a rotation was come to, each time that it was asked for.
        int least = kills / IssuanceStep.values().length;
        if (campaign.rotations() < least) {
          throw new KillCampaign.ViolationException(
              campaign.rotations() + " rotations came to their end, not " + least);
        }
        return true;
      } catch (KillCampaign.ViolationException e) {
        System.out.println(name + ": VIOLATED at " + e.getMessage());
        url.ifPresent(database -> dump(own, database));
        System.out.println(name + ": what is left is in " + own);
        return false;
      }
    };
  }

  private static void say(String name, KillCampaign campaign, long begin) {
    System.out.printf(
        Locale.ROOT,
        "%s: %d kills, %d rotations, %d certificates, %d s%n",
        name,
        campaign.kills(),
        campaign.rotations(),
        campaign.certificates(),
        Duration.ofNanos(System.nanoTime() - begin).toSeconds());
  }

  /** The server ends with this process: the tables that tell the story are written out. */
  private static void dump(Path folder, String url) {
    List<String> text = new ArrayList<>();
    try {
      for (String table :
          List.of("bundle", "authority", "trust_step", "issuance", "sealed_key", "pod_evidence")) {
        text.add(table);
        text.addAll(
            KillDrillContract.strings(
                PostgresServer.connect(url), "SELECT t::text FROM " + table + " t"));
      }
      Files.write(folder.resolve("tables.txt"), text);
    } catch (SQLException | IOException e) {
      System.out.println("the tables cannot be written out: " + e);
    }
  }
}
