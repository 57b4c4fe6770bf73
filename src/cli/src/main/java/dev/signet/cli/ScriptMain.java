package dev.signet.cli;

import java.util.Arrays;

/**
 * {@link Main} where a file that begins with {@code #!} starts it, as in the CA's image, which has
 * no shell: the kernel puts the file's path before the arguments.
 */
public final class ScriptMain {
  private ScriptMain() {}

  public static void main(String[] args) {
    Main.main(Arrays.copyOfRange(args, Math.min(1, args.length), args.length));
  }
}
