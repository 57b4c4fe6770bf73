package dev.signet.ca;

import dev.signet.ca.adapter.kubernetes.KubernetesCluster;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.bundle.PublicationException;
import dev.signet.ca.bundle.PublishedBundle;
import dev.signet.ca.bundle.PublishedRoots;
import dev.signet.ca.bundle.TrustPath;
import dev.signet.process.Resources;
import java.security.SecureRandom;
import java.util.Optional;

/** What is published says whether the trust domain has a root (ADR 14). */
record PublishedWitness(CaConfig config) implements IssuingCa.Witness {
  @Override
  public Optional<String> refusesFirstRoot() throws StartRefusedException, InterruptedException {
    try (Resources resources = new Resources()) {
      PublishedBundle place = config.trustBundle().open(() -> kubernetes(resources));
      Optional<String> text = place.look().text();
      return TrustPath.refusesFirstRoot(
          PublishedRoots.parse(config.policy().trustDomain(), text), place);
    } catch (PublicationException | dev.signet.process.StartRefusedException e) {
      throw new StartRefusedException(
          "there is no trust root here, and whether this trust domain has one is not known: "
              + e.getMessage()
              + ". Nothing is made until it is",
          e);
    }
  }

  private KubernetesCluster kubernetes(Resources resources)
      throws dev.signet.process.StartRefusedException {
    return resources.add(KubernetesCluster.of(config.kubeconfig(), new SecureRandom(), _ -> {}));
  }
}
