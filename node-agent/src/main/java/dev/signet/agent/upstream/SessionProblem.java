package dev.signet.agent.upstream;

/**
 * Something an operator should know of.
 *
 * @param code upper case with underscores
 * @param detail one sentence, without secrets
 */
public record SessionProblem(String code, String detail) {}
