package dev.signet.ca.adapter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.ManualTimers;
import dev.signet.ca.TestAuthority;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.World;
import dev.signet.ca.session.RemovalCause;
import dev.signet.ca.session.Sessions;
import dev.signet.proto.agent.v1.SessionResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is sent to an agent that does not read for a while. */
class SessionStreamTest {
  private final TestAuthority authority = new TestAuthority("a");
  private final ManualTimers timers = new ManualTimers(World.NOW);
  private final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, authority));
  private final Sessions sessions =
      new Sessions(bundles, timers, timers, 3, new Sessions.Evidence("ca-1", _ -> {}), _ -> false);
  private final SlowReader reader = new SlowReader();
  private final SessionStream stream =
      SessionStream.open(
          new Caller("127.0.0.1", Optional.of(World.agent("node-1", "a1"))),
          reader,
          sessions,
          new LiveCheck((_, _) -> Optional.empty(), timers, sessions),
          _ -> {},
          timers);

  @AfterEach
  void stop() {
    timers.shutdownNow();
  }

  @Test
  void newestOrderAlone_afterTheNewestBundle() {
    stream.reissue(Set.of("aa"));
    stream.removal("p1", RemovalCause.DELETED);
    stream.reissue(Set.of("bb"));
    stream.bundle(Bundles.of(1, authority));
    stream.bundle(Bundles.of(2, authority));
    stream.reissue(Set.of());
    assertThat(reader.sent).isEmpty();

    reader.reads(2);
    assertThat(reader.sent)
        .extracting(SessionResponse::getMessageCase)
        .containsExactly(SessionResponse.MessageCase.BUNDLE, SessionResponse.MessageCase.REISSUE);
    assertThat(reader.sent.get(0).getBundle().getRevision()).isEqualTo(2);
    assertThat(reader.sent.get(1).getReissue().getAuthorityKeyIdsList()).isEmpty();

    reader.reads(5);
    assertThat(reader.sent).hasSize(3);
    assertThat(reader.sent.get(2).hasRemoval()).isTrue();
  }

  /** Takes as many messages as it is told to. */
  private static final class SlowReader extends ServerCallStreamObserver<SessionResponse> {
    private final List<SessionResponse> sent = new ArrayList<>();
    private Runnable onReady = () -> {};
    private int room;

    void reads(int messages) {
      room = messages;
      onReady.run();
    }

    @Override
    public boolean isReady() {
      return room > 0;
    }

    @Override
    public void onNext(SessionResponse message) {
      room--;
      sent.add(message);
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
