package dev.signet.agent.svid;

import java.security.cert.X509Certificate;
import java.util.List;

/** The CA, as issuance sees it. Everything here happens on the agent's loop. */
public interface SvidAuthority {
  /** Whether a batch can be sent now. */
  boolean ready();

  /** Sends one call; each request is answered once, by its index, then the call ends. */
  void issue(List<SvidRequest> batch, Answers answers);

  /** Where the answers of one call arrive, in any order. */
  interface Answers {
    /**
     * The CA certified the key of a request.
     *
     * @param chain leaf first, not looked at yet
     */
    void granted(int index, List<X509Certificate> chain);

    void refused(int index, Refusal refusal);

    /** No more answers come. Requests without one have failed as the refusal says. */
    void ended(Refusal failure);
  }
}
