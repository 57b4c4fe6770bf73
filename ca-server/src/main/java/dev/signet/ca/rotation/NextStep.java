package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import java.util.Optional;

/**
 * What a replica is to do now without being asked.
 *
 * @param kind PREPARE, PUBLISH, ACTIVATE or RETIRE
 * @param root that it is done to; empty for PREPARE, for which there is none yet
 * @param forced of PREPARE: whether the leaves of the root before are to be replaced at once
 * @param why one sentence for the record
 */
public record NextStep(Step.Kind kind, Optional<KeyId> root, boolean forced, String why) {}
