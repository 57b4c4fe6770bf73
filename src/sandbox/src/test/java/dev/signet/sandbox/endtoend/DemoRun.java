package dev.signet.sandbox.endtoend;

import dev.signet.sandbox.demo.Demo;
import java.util.List;

/** The demo as a program of its own. */
final class DemoRun {
  private DemoRun() {}

  public static void main(String[] args) {
    System.exit(
        Demo.run(
                List.of(args).contains("--rotate") ? Demo.Story.ROTATION : Demo.Story.SHOP,
                List.of(args).contains("--once"),
                System.out)
            ? 0
            : 1);
  }
}
