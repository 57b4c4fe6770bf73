package dev.signet.agent.svid;

import dev.signet.spiffe.X509Svid;
import java.time.Instant;

/**
 * An SVID and what was drawn for it once: with all three it goes on after a restart of the agent as
 * if there had been none. It holds a private key and prints nothing of it.
 *
 * @param received when it came
 * @param renewal when it is to be renewed
 */
public record KeptSvid(X509Svid svid, Instant received, Instant renewal) {}
