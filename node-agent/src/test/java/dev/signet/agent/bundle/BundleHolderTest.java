package dev.signet.agent.bundle;

import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.BundleHolder.Outcome;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BundleHolderTest {
  private final TestAuthority one = new TestAuthority(SHOP, NOW);
  private final TestAuthority two = new TestAuthority(SHOP, NOW);
  private final BundleHolder holder = new BundleHolder(SHOP);

  @Test
  void risingRevisions_areTaken() {
    assertThat(holder.held()).isNull();
    assertThat(holder.revision()).isZero();
    assertThat(holder.offer(3, one.bundle())).isEqualTo(Outcome.ACCEPTED);
    assertThat(holder.offer(9, one.bundleWith(two))).isEqualTo(Outcome.ACCEPTED);

    assertThat(holder.held()).isEqualTo(new HeldBundle(9, one.bundleWith(two)));
  }

  @Test
  void sameRevisionAndSet_isNoChange_whateverItsOrder() {
    holder.offer(3, one.bundleWith(two));

    assertThat(holder.offer(3, two.bundleWith(one))).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void lowerRevision_orAnotherSetUnderTheSameOne_isRefusedAndTheHeldOneKept() {
    holder.offer(3, one.bundle());

    assertThat(holder.offer(2, one.bundleWith(two))).isEqualTo(Outcome.OLDER);
    assertThat(holder.offer(3, two.bundle())).isEqualTo(Outcome.CONFLICTING);

    assertThat(holder.held()).isEqualTo(new HeldBundle(3, one.bundle()));
  }

  @Test
  void emptySet_foreignDomain_orNoRevision_isRefused() {
    assertThat(holder.offer(1, X509Bundle.of(SHOP, Set.of()))).isEqualTo(Outcome.UNUSABLE);
    assertThat(holder.offer(0, one.bundle())).isEqualTo(Outcome.UNUSABLE);
    assertThat(holder.offer(-1, one.bundle())).isEqualTo(Outcome.UNUSABLE);
    TrustDomain other = TrustDomain.parse("other.example");
    assertThat(holder.offer(1, new TestAuthority(other, NOW).bundle())).isEqualTo(Outcome.UNUSABLE);
    assertThat(holder.held()).isNull();
  }

  @Test
  void restoredBundle_isHeldUntilASessionBringsOne_whateverItsRevision() {
    holder.restore(new HeldBundle(7, one.bundle()));
    assertThat(holder.held()).isEqualTo(new HeldBundle(7, one.bundle()));
    assertThat(holder.revisionOf(one.bundle().digest())).isEqualTo(7);

    assertThat(holder.offer(2, two.bundle())).isEqualTo(Outcome.ACCEPTED);

    assertThat(holder.held()).isEqualTo(new HeldBundle(2, two.bundle()));
    assertThat(holder.offer(1, one.bundle())).isEqualTo(Outcome.OLDER);
  }

  @Test
  void restoredBundle_thatASessionConfirms_isNoChange_andRevisionsOnlyRiseFromThen() {
    holder.restore(new HeldBundle(7, one.bundle()));

    assertThat(holder.offer(7, one.bundle())).isEqualTo(Outcome.UNCHANGED);

    assertThat(holder.offer(6, one.bundle())).isEqualTo(Outcome.OLDER);
    assertThat(holder.offer(7, two.bundle())).isEqualTo(Outcome.CONFLICTING);
  }

  /** A CA that is back from a backup: its number 7 will be another set. */
  @Test
  void numbersBegunAnew_makeWhatWasSaidBeforeWorthless() {
    var ledger = new ConsumerLedger();
    holder.onRenumbered(ledger::forget);
    holder.restore(new HeldBundle(7, one.bundle()));
    ledger.open(UID).acknowledged(holder.revisionOf(one.bundle().digest()), "");
    assertThat(ledger.summary(7).laggards()).isEmpty();

    holder.offer(3, two.bundle());

    assertThat(holder.revisionOf(one.bundle().digest())).isZero();
    assertThat(ledger.summary(7).laggards()).containsExactly(UID);
  }

  @Test
  void unusableBundle_doesNotReplaceARestoredOne() {
    holder.restore(new HeldBundle(7, one.bundle()));

    assertThat(holder.offer(8, X509Bundle.of(SHOP, Set.of()))).isEqualTo(Outcome.UNUSABLE);

    assertThat(holder.held()).isEqualTo(new HeldBundle(7, one.bundle()));
    assertThat(holder.offer(1, one.bundle())).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void restore_neverReplacesWhatASessionBrought() {
    holder.offer(3, one.bundle());

    holder.restore(new HeldBundle(9, two.bundle()));

    assertThat(holder.held()).isEqualTo(new HeldBundle(3, one.bundle()));
  }

  @Test
  void acceptedBundles_areTold_andNoOthers() {
    var told = new ArrayList<HeldBundle>();
    holder.onAccepted(told::add);
    holder.restore(new HeldBundle(2, one.bundle()));
    holder.offer(2, one.bundle());
    holder.offer(3, two.bundle());
    holder.offer(1, one.bundle());

    assertThat(told).containsExactly(new HeldBundle(3, two.bundle()));
  }

  @Test
  void digest_namesTheNewestRevisionOfItsSet() {
    holder.offer(1, one.bundle());
    holder.offer(2, one.bundleWith(two));
    holder.offer(3, one.bundle());

    assertThat(holder.revisionOf(one.bundle().digest())).isEqualTo(3);
    assertThat(holder.revisionOf(one.bundleWith(two).digest())).isEqualTo(2);
    assertThat(holder.revisionOf(two.bundle().digest())).isZero();
  }
}
