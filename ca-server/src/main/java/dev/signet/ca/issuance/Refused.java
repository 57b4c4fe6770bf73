package dev.signet.ca.issuance;

/** Decided against. */
public record Refused(Refusal refusal) implements Decision {}
