package dev.signet.ca.issuance;

import dev.signet.ca.keys.KeyId;
import java.security.PublicKey;

/** A key that signs certificates, and when it last did. */
public record Signer(KeyId keyId, PublicKey publicKey, LastSigning lastSigning) {}
