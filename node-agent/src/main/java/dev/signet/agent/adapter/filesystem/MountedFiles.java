package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.upstream.AgentToken;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files that are mounted into the agent. Kubelet swaps them, so they are read at each use and
 * nothing of them is kept.
 */
public final class MountedFiles {
  private static final int MAX_TOKEN = 16 * 1024 + 1;
  private static final int MAX_BUNDLE = 1024 * 1024;

  private final TrustDomain trustDomain;
  private final Path token;
  private final Path bundle;

  /**
   * The files at these paths; none is read yet.
   *
   * @param token the agent's projected ServiceAccount token
   * @param bundle the CA's trust bundle, PEM
   */
  public MountedFiles(TrustDomain trustDomain, Path token, Path bundle) {
    this.trustDomain = trustDomain;
    this.token = token;
    this.bundle = bundle;
  }

  /** The token, as it is now. */
  public AgentToken token() throws IOException {
    try {
      return AgentToken.parse(text(token, MAX_TOKEN).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException(token + ": " + e.getMessage());
    }
  }

  /** The bundle, as it is now. */
  public X509Bundle bundle() throws IOException {
    return X509Bundle.parsePem(trustDomain, text(bundle, MAX_BUNDLE));
  }

  private static String text(Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new IOException(file + " is larger than " + limit + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + " may not be read by the agent's user", e);
    }
  }
}
