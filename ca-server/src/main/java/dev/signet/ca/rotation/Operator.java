package dev.signet.ca.rotation;

/**
 * Who asks for a step, and why.
 *
 * @param who a name; over the CA's own socket that of the socket's user
 * @param why the reason given; may be empty where no override is asked for
 */
public record Operator(String who, String why) {}
