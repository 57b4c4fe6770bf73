package dev.signet.sandbox.world;

import dev.signet.sandbox.api.SandboxApi;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a node needs of its world.
 *
 * @param containers numbers the containers of all nodes
 */
record NodeSetUp(
    WorldConfig config,
    WorldFolder folder,
    Processes processes,
    Ports ports,
    SandboxApi api,
    Cluster cluster,
    Replicas cas,
    AtomicInteger containers) {}
