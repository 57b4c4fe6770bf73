package dev.signet.ca.issuance;

/** The outcome of a decision. */
public sealed interface Decision permits Granted, Refused {}
