package dev.signet.agent.upstream;

import dev.signet.agent.svid.CertificateRequest;
import dev.signet.agent.svid.Refusal;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import java.security.cert.X509Certificate;
import java.util.List;

/** The CA, as the link sees it. Answers arrive on the agent's loop. */
public interface CertificateAuthority {
  /**
   * Asks for the agent's own SVID, with the agent's token as its file has it now, on a connection
   * of its own. The token leaves only after the server has proved to be the CA.
   */
  void attest(CertificateRequest csr, AttestationAnswer answer);

  /**
   * Runs this on the agent's loop where the token's file has another token now than the one last
   * attested with; does nothing where it has the same, or cannot be read.
   */
  void ifTokenIsNew(Runnable then);

  /** Opens a connection that shows this SVID. It dials at once and by itself, again and again. */
  CaConnection connect(X509Svid svid);

  /** How an attestation ended; one of the two, once. */
  interface AttestationAnswer {
    /**
     * The CA attested the agent.
     *
     * @param chain of the agent's SVID, leaf first, not looked at yet
     */
    void attested(List<X509Certificate> chain, X509Bundle bundle);

    void refused(Refusal refusal);
  }
}
