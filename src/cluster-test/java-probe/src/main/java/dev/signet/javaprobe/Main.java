package dev.signet.javaprobe;

/**
 * {@code sdk-serve LISTEN-PORT ALLOWED-ID}, {@code sdk-call HOST:PORT EXPECTED-ID}, {@code
 * java-spiffe-call HOST:PORT EXPECTED-ID}. It says in one JSON object a line what it saw, and ends
 * with 1 where a call was not answered.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("a command and its two arguments");
    }
    switch (arguments[0]) {
      case "sdk-serve" -> SdkProgram.serve(Integer.parseInt(arguments[1]), arguments[2]);
      case "sdk-call" -> Call.run(arguments[1], () -> SdkProgram.client(arguments[2]));
      case "java-spiffe-call" ->
          Call.run(arguments[1], () -> JavaSpiffeProgram.client(arguments[2]));
      default -> throw new IllegalArgumentException("no command " + arguments[0]);
    }
  }
}
