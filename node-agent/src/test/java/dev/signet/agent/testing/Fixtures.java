package dev.signet.agent.testing;

import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodUid;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import java.time.Instant;

/** Names and times that tests share. */
public final class Fixtures {
  public static final TrustDomain SHOP = TrustDomain.parse("shop.example");
  public static final SpiffeId CART = SpiffeId.of(SHOP, "ns", "shop", "sa", "cart");
  public static final SpiffeId CA = SpiffeId.of(SHOP, "signet", "ca");
  public static final SpiffeId AGENT = SpiffeId.of(SHOP, "signet", "agent", "demo", "node-1");
  public static final String AUDIENCE = "signet://shop.example/workload";
  public static final Instant NOW = Instant.parse("2026-11-25T01:00:00Z");
  public static final PodUid UID = new PodUid("6c5d6b0e-8a4e-4c8e-9a55-0d6f0a1b2c3d");
  public static final PodUid OTHER_UID = new PodUid("aaaaaaaa-8a4e-4c8e-9a55-0d6f0a1b2c3d");
  public static final Pod POD = new Pod(UID, "shop", "cart-0", "cart");

  private Fixtures() {}
}
