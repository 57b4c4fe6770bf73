package dev.signet.sandbox.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SwitchboardTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private Switchboard board;

  @BeforeEach
  void open() throws Exception {
    board = Switchboard.open();
  }

  @AfterEach
  void close() throws Exception {
    board.close();
  }

  @Test
  void program_isThereOnceItHasReported() throws Exception {
    try (Socket _ = program("cart", 4711)) {
      ProgramLine line = board.program("cart", LIMIT);

      assertThat(line.address()).isEqualTo("127.0.0.1:4711");
    }
  }

  @Test
  void order_isAnsweredWithItsFacts() throws Exception {
    try (Socket program = program("cart", 0);
        BufferedReader orders = Words.reader(program);
        Writer answers = Words.writer(program)) {
      ProgramLine line = board.program("cart", LIMIT);
      Thread.ofVirtual()
          .start(() -> {
            try {
              String id = Words.words(orders.readLine()).get(0);
              answers.write(id + "\tstatus=200\tbody=a=b\n");
              answers.flush();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });

      Answer answer = line.order("call", "127.0.0.1:1");

      assertThat(answer.number("status")).isEqualTo(200);
      assertThat(answer.text("body")).isEqualTo("a=b");
      assertThat(answer.fact("other")).isEmpty();
    }
  }

  @Test
  void programEnds_whoeverWaitsIsTold() throws Exception {
    Socket program = program("cart", 0);
    ProgramLine line = board.program("cart", LIMIT);
    program.close();

    assertThat(line.order("call").text("status")).isEqualTo("cart has ended");
  }

  @Test
  void lineBreaksInAnAnswer_doNotBreakTheLine() {
    assertThat(Words.line(List.of("1", "error=two\nlines\tand a tab")))
        .isEqualTo("1\terror=two lines and a tab");
  }

  private Socket program(String name, int port) throws Exception {
    String address = board.address();
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    Writer writer = Words.writer(socket);
    writer.write(name + "\t" + port + "\n");
    writer.flush();
    return socket;
  }
}
