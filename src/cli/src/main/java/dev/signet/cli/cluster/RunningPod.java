package dev.signet.cli.cluster;

/** A pod that runs on a node, whose account could be asked a token for. */
public record RunningPod(PodRef pod, String uid, String account, String node) {}
