/** The agent's own identity and its link to the CA: attestation, issuance, session. */
@NullMarked
package dev.signet.agent.upstream;

import org.jspecify.annotations.NullMarked;
