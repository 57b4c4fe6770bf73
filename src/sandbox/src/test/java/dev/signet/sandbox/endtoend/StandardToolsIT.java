package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.World;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.X509Source;
import io.spiffe.workloadapi.DefaultX509Source;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tools that have never heard of Signet. */
@ExtendWith(SharedWorld.class)
class StandardToolsIT {
  private static final String NAMESPACE = "standard-tools";

  @BeforeAll
  static void prepare(World world) {
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "app");
  }

  @Test
  void javaSpiffe_getsItsContext_andFollowsARotation(World world) throws Exception {
    try (PodSource pod = PodSource.start(world, NAMESPACE, "java-spiffe", "app", "node-1");
        DefaultX509Source source =
            DefaultX509Source.newSource(
                DefaultX509Source.X509SourceOptions.builder()
                    .spiffeSocketPath(pod.socket().endpoint())
                    .initTimeout(PodSource.LIMIT)
                    .build())) {
      var svid = source.getX509Svid();
      assertThat(svid.getSpiffeId())
          .hasToString("spiffe://shop.example/ns/" + NAMESPACE + "/sa/app");
      assertThat(svid.getChain()).hasSize(2);
      assertThat(
              source
                  .getBundleForTrustDomain(svid.getSpiffeId().getTrustDomain())
                  .getX509Authorities())
          .hasSize(1);

      BigInteger first = svid.getLeaf().getSerialNumber();
      Optional<BigInteger> second =
          Eventually.await(
              SharedWorld.SVID_TTL,
              () ->
                  Optional.of(source.getX509Svid().getLeaf().getSerialNumber())
                      .filter(serial -> !serial.equals(first)));
      assertThat(second).isPresent();
    }
  }

  @Test
  void openssl_verifiesTheChain_andSignsWithTheKey(World world, @TempDir Path folder)
      throws Exception {
    try (PodSource pod = PodSource.start(world, NAMESPACE, "openssl", "app", "node-2");
        X509Source source = pod.open()) {
      X509Svid svid = source.context().svid();
      write(folder.resolve("leaf.pem"), svid.chain().get(0));
      write(folder.resolve("authority.pem"), svid.chain().get(1));
      Files.copy(world.ca().bundle(), folder.resolve("root.pem"));

      assertThat(
              openssl(
                  folder,
                  "verify -x509_strict -purpose sslserver -CAfile root.pem -untrusted authority.pem leaf.pem"))
          .isEqualTo("leaf.pem: OK");
      assertThat(
              openssl(
                  folder,
                  "verify -x509_strict -purpose sslclient -CAfile root.pem -untrusted authority.pem leaf.pem"))
          .isEqualTo("leaf.pem: OK");
      assertThat(openssl(folder, "x509 -in leaf.pem -noout -ext subjectAltName"))
          .contains("critical", "URI:" + svid.id());
    }
  }

  private static String openssl(Path folder, String command) throws Exception {
    Process process =
        new ProcessBuilder(("openssl " + command).split(" "))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }

  private static void write(Path file, X509Certificate certificate)
      throws java.io.IOException, CertificateEncodingException {
    Files.writeString(
        file,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
            + "\n-----END CERTIFICATE-----\n");
  }
}
