package dev.signet.agent.svid;

import dev.signet.agent.pod.PodToken;

/** One pod's token and certificate request. */
public record SvidRequest(PodToken token, CertificateRequest csr) {}
