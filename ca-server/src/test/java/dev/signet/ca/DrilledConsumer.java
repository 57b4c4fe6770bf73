package dev.signet.ca;

import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A pod, or a node's agent: the bundle that it holds and the SVID that it shows. Both lie in a
 * file, which is written before anybody is told, for it outlives the CA's process. Of one thread.
 */
final class DrilledConsumer {
  static final TrustDomain TRUST_DOMAIN = TrustDomain.parse("shop.example");

  private final String name;
  private final String node;
  private final SvidKind kind;
  private final Path file;
  private long revision;
  private Optional<X509Bundle> held = Optional.empty();
  private List<X509Certificate> shown = List.of();

  DrilledConsumer(Path folder, String name, String node, SvidKind kind) throws IOException {
    this.name = name;
    this.node = node;
    this.kind = kind;
    this.file = folder.resolve(name);
    if (Files.exists(file)) {
      read(Files.readAllLines(file, StandardCharsets.US_ASCII));
    }
  }

  /** Two pods and the agents of two nodes, the second of which is one to be banned. */
  static List<DrilledConsumer> all(Path folder) throws IOException {
    Files.createDirectories(folder);
    return List.of(
        new DrilledConsumer(folder, "agent-1", "node-1", SvidKind.AGENT),
        new DrilledConsumer(folder, "agent-2", "node-2", SvidKind.AGENT),
        new DrilledConsumer(folder, "pod-1", "node-1", SvidKind.WORKLOAD),
        new DrilledConsumer(folder, "pod-2", "node-1", SvidKind.WORKLOAD));
  }

  String name() {
    return name;
  }

  String node() {
    return node;
  }

  SvidKind kind() {
    return kind;
  }

  /** Of the bundle that it holds; 0 for none. */
  long revision() {
    return revision;
  }

  /** Of the leaf that it shows, as the store has it; empty for none. */
  String serial() {
    return shown.isEmpty() ? "" : serial(shown.getFirst());
  }

  Attestation attestation() {
    return Records.attestation(node, name);
  }

  static String serial(X509Certificate certificate) {
    return certificate.getSerialNumber().toString(16);
  }

  void load(TrustBundle bundle) throws IOException {
    if (bundle.revision() != revision) {
      revision = bundle.revision();
      held = Optional.of(bundle.x509());
      write();
    }
  }

  void show(IssuedSvid svid) throws IOException {
    shown = svid.chain();
    write();
  }

  /**
   * What breaks if each connects to each: of those whose SVID has not ended, for that is no matter
   * of trust, and that are not banned.
   */
  static List<String> broken(List<DrilledConsumer> all, Instant now) {
    List<String> found = new ArrayList<>();
    List<DrilledConsumer> relied =
        all.stream().filter(one -> one.node.equals("node-1") && one.shows(now)).toList();
    for (DrilledConsumer server : relied) {
      for (DrilledConsumer client : relied) {
        if (client.held.isPresent()) {
          client.reject(server, now).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private boolean shows(Instant now) {
    return !shown.isEmpty() && now.isBefore(shown.getFirst().getNotAfter().toInstant());
  }

  private Optional<String> reject(DrilledConsumer peer, Instant now) {
    try {
      var _ =
          X509SvidVerifier.verify(
              PresentedX509Chain.of(peer.shown), X509BundleSet.of(held.orElseThrow()), now);
      return Optional.empty();
    } catch (SpiffeException e) {
      return Optional.of(
          "%s with revision %d refuses %s, who shows %s: %s"
              .formatted(name, revision, peer.name, peer.serial(), e.getMessage()));
    }
  }

  private void write() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(Long.toString(revision));
    lines.add(held.map(bundle -> encode(bundle.encoded())).orElse(""));
    try {
      for (X509Certificate certificate : shown) {
        lines.add(encode(certificate.getEncoded()));
      }
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read does not encode", e);
    }
    Path fresh = file.resolveSibling(name + ".tmp");
    Files.write(fresh, lines, StandardCharsets.US_ASCII);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void read(List<String> lines) {
    revision = Long.parseLong(lines.getFirst());
    held =
        Optional.of(lines.get(1))
            .filter(text -> !text.isEmpty())
            .map(text -> X509Bundle.parse(TRUST_DOMAIN, Base64.getDecoder().decode(text)));
    shown = lines.stream().skip(2).map(DrilledConsumer::certificate).toList();
  }

  private static String encode(byte[] der) {
    return Base64.getEncoder().encodeToString(der);
  }

  private static X509Certificate certificate(String text) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(text)));
    } catch (CertificateException e) {
      throw new IllegalStateException(text + " is no certificate", e);
    }
  }
}
