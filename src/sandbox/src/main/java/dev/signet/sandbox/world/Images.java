package dev.signet.sandbox.world;

/** What containers of the world can run. There is no registry: the runtime knows these. */
public final class Images {
  /** Nothing. */
  public static final String PAUSE = "sandbox.signet.dev/pause";

  /**
   * A main class of the class path that the world itself runs on; its name is the first argument.
   */
  public static final String PROGRAM = "sandbox.signet.dev/program";

  /** The real node agent. */
  public static final String AGENT = "sandbox.signet.dev/node-agent";

  private Images() {}
}
