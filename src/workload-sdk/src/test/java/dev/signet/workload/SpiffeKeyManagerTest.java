package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpiffeKeyManagerTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);

  private final TestWorkload cart;
  private final SpiffeKeyManager manager;

  SpiffeKeyManagerTest(@TempDir Path folder) {
    cart = TestWorkload.waiting(folder.resolve("cart.sock"));
    manager = new SpiffeKeyManager(cart.source);
  }

  @AfterEach
  void close() {
    cart.close();
  }

  @Test
  void everyWayToAsk_givesTheSvid_forKeyTypesThatFit() throws InterruptedException {
    cart.identify(SHOP.message("/ns/shop/sa/cart"));
    String[] types = {"RSA", "EC"};

    assertThat(manager.chooseEngineClientAlias(types, null, null)).isNotNull();
    assertThat(manager.chooseEngineServerAlias("EC", null, null)).isNotNull();
    assertThat(manager.chooseEngineServerAlias("EC_RSA", null, null)).isNotNull();
    assertThat(manager.chooseClientAlias(types, null, null)).isNotNull();
    assertThat(manager.chooseServerAlias("EC", null, null)).isNotNull();
    assertThat(manager.getClientAliases("EC", null)).hasSize(1);
    assertThat(manager.getServerAliases("EC", null)).hasSize(1);
    String alias = manager.chooseServerAlias("EC", null, null);
    assertThat(manager.getPrivateKey(alias)).isEqualTo(cart.source.context().svid().privateKey());
    assertThat(manager.getCertificateChain(alias))
        .containsExactlyElementsOf(cart.source.context().svid().chain());
  }

  @Test
  void keyTypeThatDoesNotFit_orUnknownAlias_givesNothing() throws InterruptedException {
    cart.identify(SHOP.message("/ns/shop/sa/cart"));

    assertThat(manager.chooseEngineServerAlias("RSA", null, null)).isNull();
    assertThat(manager.chooseEngineServerAlias("ECX", null, null)).isNull();
    assertThat(manager.chooseEngineServerAlias(null, null, null)).isNull();
    assertThat(manager.chooseEngineClientAlias(null, null, null)).isNull();
    assertThat(manager.getClientAliases("RSA", null)).isNull();
    assertThat(manager.getPrivateKey("x509-svid-0")).isNull();
    assertThat(manager.getCertificateChain(null)).isNull();
  }

  @Test
  void beforeTheFirstSvid_andAfterItsEnd_nothingIsPresented() throws InterruptedException {
    assertThat(manager.chooseEngineServerAlias("EC", null, null)).isNull();

    cart.identify(SHOP.message("/ns/shop/sa/cart"));
    assertThat(manager.chooseEngineServerAlias("EC", null, null)).isNotNull();

    cart.clock.advance(Duration.ofHours(2));
    assertThat(manager.chooseEngineServerAlias("EC", null, null)).isNull();
  }

  @Test
  void aliasOfAnEarlierSvid_keepsNamingIt() throws InterruptedException {
    cart.identify(SHOP.message("/ns/shop/sa/cart"));
    X509Context first = cart.source.context();
    String alias = manager.chooseServerAlias("EC", null, null);

    cart.update(SHOP.message("/ns/shop/sa/cart"));

    assertThat(manager.getPrivateKey(alias)).isEqualTo(first.svid().privateKey());
    assertThat(manager.chooseServerAlias("EC", null, null)).isNotEqualTo(alias);
  }
}
