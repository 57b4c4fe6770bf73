package dev.signet.agent.testing;

import dev.signet.agent.svid.CertificateRequest;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.SvidAuthority;
import dev.signet.agent.svid.SvidRequest;
import dev.signet.spiffe.SpiffeId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A CA whose answers the test gives, call by call. */
public final class FakeSvidAuthority implements SvidAuthority {
  private final List<Call> calls = new ArrayList<>();
  private boolean ready = true;

  @Override
  public boolean ready() {
    return ready;
  }

  public void ready(boolean now) {
    ready = now;
  }

  @Override
  public void issue(List<SvidRequest> batch, Answers answers) {
    calls.add(new Call(batch, answers));
  }

  public int calls() {
    return calls.size();
  }

  public List<Integer> sizes() {
    return calls.stream().map(call -> call.batch.size()).toList();
  }

  public Call call(int index) {
    return calls.get(index);
  }

  public Call last() {
    return calls.getLast();
  }

  /** One call of the agent. */
  public static final class Call {
    private final List<SvidRequest> batch;
    private final Answers answers;

    private Call(List<SvidRequest> batch, Answers answers) {
      this.batch = List.copyOf(batch);
      this.answers = answers;
    }

    public SvidRequest request(int index) {
      return batch.get(index);
    }

    public void refuse(int index, Refusal refusal) {
      answers.refused(index, refusal);
    }

    /** Grants the only request, and ends the call. */
    public void grant(TestAuthority by, SpiffeId id, Instant notBefore, Instant notAfter) {
      answers.granted(0, by.issue(id, batch.getFirst().csr().der(), notBefore, notAfter));
      end();
    }

    /** Grants every request, and ends the call. */
    public void grantAll(TestAuthority by, Instant notBefore, Instant notAfter) {
      for (int i = 0; i < batch.size(); i++) {
        answers.granted(i, by.issue(Fixtures.CART, batch.get(i).csr().der(), notBefore, notAfter));
      }
      end();
    }

    /** Grants the only request, but to another key. */
    public void grantTo(CertificateRequest other, TestAuthority by, SpiffeId id, Instant notAfter) {
      answers.granted(0, by.issue(id, other.der(), notAfter.minus(Duration.ofHours(2)), notAfter));
      end();
    }

    public void end() {
      answers.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    }
  }
}
