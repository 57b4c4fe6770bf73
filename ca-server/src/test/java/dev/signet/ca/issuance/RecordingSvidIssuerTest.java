package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.CaWorld;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is issued, in which order, and within which bounds. */
class RecordingSvidIssuerTest extends IssuerWorld {
  @Test
  void svid_isWhatWasGranted() throws Exception {
    Granted granted = workload();
    IssuedSvid svid = get(issuer().issue(granted));
    X509Certificate leaf = svid.chain().getFirst();

    assertThat(svid.id()).isEqualTo(CART);
    assertThat(svid.serial()).isEqualTo(leaf.getSerialNumber().toString(16));
    assertThat(svid.notAfter()).isEqualTo(CaWorld.START.plus(TTL));
    assertThat(leaf.getNotBefore().toInstant()).isEqualTo(CaWorld.START.minus(BACKDATE));
    assertThat(leaf.getNotAfter().toInstant()).isEqualTo(svid.notAfter());
    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, CART.toString()));
    assertThat(leaf.getExtensionValue("2.5.29.19")).containsExactly(4, 2, 0x30, 0);
    assertThat(leaf.getPublicKey().getEncoded())
        .isEqualTo(granted.template().key().publicKey().getEncoded());
    assertThat(svid.chain()).hasSize(2).doesNotContain(root.certificate());
  }

  @Test
  void svid_verifiesAgainstTheBundle() throws Exception {
    IssuedSvid svid = get(issuer().issue(workload()));

    assertThat(
            X509SvidVerifier.verify(
                    PresentedX509Chain.of(svid.chain()),
                    X509BundleSet.of(root.bundle().x509()),
                    world.clock.instant())
                .id())
        .isEqualTo(CART);
  }

  @Test
  void steps_areInOrder() throws Exception {
    var _ = get(issuer().issue(workload()));

    assertThat(steps)
        .containsExactly(
            IssuanceStep.BUILT,
            IssuanceStep.LINTED,
            IssuanceStep.RECORDED,
            IssuanceStep.SIGNED,
            IssuanceStep.VALIDATED);
  }

  @Test
  void record_saysOnWhatGrounds() throws Exception {
    IssuedSvid svid = get(issuer().issue(workload()));
    IssuanceRecord record = world.log.records().getLast();

    assertThat(record.serial()).isEqualTo(svid.serial());
    assertThat(record.kind()).isEqualTo(CertificateKind.WORKLOAD);
    assertThat(record.id()).isEqualTo(CART);
    assertThat(record.attestation()).contains(Records.attestation("node-1", "pod-1"));
    assertThat(record.tbsSha256())
        .isEqualTo(Digests.sha256Hex(svid.chain().getFirst().getTBSCertificate()));
    assertThat(record.recordedAt()).isEqualTo(CaWorld.START);
    assertThat(world.log.outcome(svid.serial()))
        .contains(Digests.sha256Hex(svid.chain().getFirst().getEncoded()));
  }

  @Test
  void grant_isRedeemedOnce() throws Exception {
    SvidIssuer issuer = issuer();
    Granted granted = workload();
    assertThat(get(issuer.issue(granted))).isNotNull();

    assertThatThrownBy(() -> issuer.issue(granted))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("redeemed before");
  }

  @Test
  void agent_becomesTheLiveOneAndASecondIsRefused() throws Exception {
    SvidIssuer issuer = issuer();
    IssuedSvid svid = get(issuer.issue(agent("pod-1", Optional.empty())));
    assertThat(world.log.on("demo", "node-1").orElseThrow().serial()).isEqualTo(svid.serial());

    assertThat(refusal(issuer.issue(agent("pod-2", Optional.empty()))))
        .isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
    assertThat(get(issuer.issue(agent("pod-2", Optional.of("pod-1"))))).isNotNull();
  }

  private Granted agent(String podUid, Optional<String> replaces) {
    return granted(
        SvidKind.AGENT,
        SpiffeId.parse("spiffe://shop.example/signet/agent/demo/node-1"),
        Optional.of(Records.attestation("node-1", podUid)),
        replaces);
  }

  @Test
  void server_isIssuedWithoutAttestation() throws Exception {
    Granted granted =
        granted(
            SvidKind.SERVER,
            SpiffeId.parse("spiffe://shop.example/signet/ca"),
            Optional.empty(),
            Optional.empty());

    assertThat(get(issuer().issue(granted)).id().path()).isEqualTo("/signet/ca");
  }

  /** F21: a leaf ends no later than its issuer. */
  @Test
  void nearTheAuthoritysEnd_leafEndsWithIt() throws Exception {
    SvidIssuer issuer = issuer();
    world.clock.advance(Duration.ofHours(23).plusMinutes(30));
    IssuedSvid svid = get(issuer.issue(workload()));

    assertThat(svid.notAfter()).isEqualTo(CaWorld.START.plus(Duration.ofHours(24)));
  }

  @Test
  void beginning_isNotBeforeTheAuthoritys() throws Exception {
    Instant now = world.clock.instant();
    Granted early = workload();
    LeafTemplate template =
        new LeafTemplate(
            CART, now.minus(Duration.ofHours(2)), now.plus(TTL), early.template().key());
    IssuedSvid svid =
        get(
            issuer()
                .issue(
                    new Granted(
                        SvidKind.WORKLOAD, template, early.attestation(), Optional.empty())));

    assertThat(svid.chain().getFirst().getNotBefore().toInstant())
        .isEqualTo(now.minus(Duration.ofHours(1)));
  }

  @Test
  void expiredAuthority_isUnavailableAndRecordsNothing() throws Exception {
    SvidIssuer issuer = issuer();
    int before = world.log.records().size();
    world.clock.advance(Duration.ofHours(25));

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
    assertThat(world.log.records()).hasSize(before);
  }

  /** F25, T47. */
  @Test
  void clockFarBehindTheLastSigning_isRefusedAndSignsNothing() throws Exception {
    SvidIssuer issuer = issuer();
    world.clock.advance(Duration.ofMinutes(10));
    assertThat(get(issuer.issue(workload()))).isNotNull();
    int before = world.log.records().size();
    world.clock.set(CaWorld.START.plus(Duration.ofMinutes(5)));
    assertThat(get(issuer.issue(workload()))).as("5 min behind is allowed").isNotNull();
    world.clock.set(CaWorld.START.plus(Duration.ofMinutes(4)));

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
    assertThat(world.log.records()).hasSize(before + 1);
  }

  @Test
  void clockFarBehind_isRememberedOverARestart() throws Exception {
    SvidIssuer issuer = issuer();
    world.clock.advance(Duration.ofMinutes(30));
    assertThat(get(issuer.issue(workload()))).isNotNull();
    world.clock.set(CaWorld.START);

    assertThat(refusal(issuer().issue(workload()))).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
  }

  @Test
  void clockThatFallsBetweenRecordAndSignature_signsNothing() throws Exception {
    SvidIssuer issuer =
        issuer(
            world.writer,
            world.keys,
            10,
            step -> {
              steps.add(step);
              if (step == IssuanceStep.RECORDED) {
                world.clock.set(CaWorld.START.minus(Duration.ofMinutes(6)));
              }
            });

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
    assertThat(steps).doesNotContain(IssuanceStep.SIGNED);
  }
}
