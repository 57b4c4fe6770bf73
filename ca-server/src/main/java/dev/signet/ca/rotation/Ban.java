package dev.signet.ca.rotation;

import java.time.Instant;

/** A node whose agent gets nothing, with who said so and why. */
public record Ban(String cluster, String nodeName, String who, String why, Instant at) {}
