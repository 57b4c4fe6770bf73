package dev.signet.agent.svid;

import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodToken;
import dev.signet.agent.pod.PodUid;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The identities of all pods with a volume on this node. {@link #attach}, {@link #refresh} and
 * {@link #detach} may be called from any thread and never wait; the rest belongs to the loop.
 */
public final class PodIdentities {
  /** A pod's identity and the number of its volumes. */
  private record Entry(PodIdentity identity, int volumes) {}

  private final Map<PodUid, Entry> entries = new ConcurrentHashMap<>();
  private final IdentityContext context;
  private final IssuanceQueue queue;
  private final LeafListener listener;
  private Set<String> reissue = Set.of();

  /**
   * No pods yet.
   *
   * @param reviewer asked about each token before {@code authority} gets it
   */
  public PodIdentities(
      IdentityContext context,
      SvidAuthority authority,
      TokenReviewer reviewer,
      LeafListener listener) {
    this.context = context;
    this.queue = new IssuanceQueue(context.loop(), authority, reviewer, context.metrics());
    this.listener = listener;
  }

  /**
   * A volume of a pod: its identity is asked for at once, unless another volume did.
   *
   * @param publishedNanos when the publish call came, on the loop's clock
   */
  public WorkloadFeed attach(Pod pod, PodToken token, long publishedNanos) {
    Entry entry =
        Objects.requireNonNull(
            entries.compute(
                pod.uid(),
                (_, known) ->
                    known == null
                        ? new Entry(create(pod, token, publishedNanos), 1)
                        : new Entry(known.identity(), known.volumes() + 1)));
    if (entry.volumes() > 1) {
      refresh(pod.uid(), token);
    }
    return entry.identity();
  }

  /**
   * A volume that an earlier agent published, and what was kept of its pod's identity. Nothing is
   * asked for before kubelet has brought a token, and then only what is due.
   */
  public WorkloadFeed recover(Pod pod, KeptIdentity kept) {
    return Objects.requireNonNull(
            entries.compute(
                pod.uid(),
                (_, known) ->
                    known == null
                        ? new Entry(create(pod, kept), 1)
                        : new Entry(known.identity(), known.volumes() + 1)))
        .identity();
  }

  private PodIdentity create(Pod pod, KeptIdentity kept) {
    var identity = new PodIdentity(pod, null, context.loop().nanos(), context, queue, listener);
    context
        .loop()
        .execute(() -> {
          identity.reissue(reissue);
          identity.recover(kept);
        });
    return identity;
  }

  private PodIdentity create(Pod pod, PodToken token, long publishedNanos) {
    var identity = new PodIdentity(pod, token, publishedNanos, context, queue, listener);
    context
        .loop()
        .execute(() -> {
          identity.reissue(reissue);
          identity.start();
        });
    return identity;
  }

  /** A token that kubelet brought for a pod. */
  public void refresh(PodUid pod, PodToken token) {
    Entry entry = entries.get(pod);
    if (entry != null) {
      context.loop().execute(() -> entry.identity().refresh(token));
    }
  }

  /** A volume of a pod is gone; with the last one its identity goes. */
  public void detach(PodUid pod) {
    entries.computeIfPresent(
        pod,
        (_, known) -> {
          if (known.volumes() > 1) {
            return new Entry(known.identity(), known.volumes() - 1);
          }
          context.loop().execute(known.identity()::end);
          return null;
        });
  }

  /** The CA says that a pod goes. */
  public void remove(PodUid pod) {
    Entry entry = entries.get(pod);
    if (entry != null) {
      entry.identity().remove();
    }
  }

  /**
   * The CA wants the leaves of these issuing authorities replaced now, also those that come later,
   * until it says otherwise.
   */
  public void reissue(Set<String> issuers) {
    reissue = Set.copyOf(issuers);
    entries.values().forEach(entry -> entry.identity().reissue(reissue));
  }

  /** Another bundle is held. */
  public void bundleChanged() {
    entries.values().forEach(entry -> entry.identity().bundleChanged());
  }

  /** Requests can be sent again. */
  public void linkUp() {
    queue.pump();
    entries.values().forEach(entry -> entry.identity().linkUp());
  }

  /** The least that is left of any pod's SVID, 1 at its start and 0 at its end; any thread. */
  public OptionalDouble leastRemaining() {
    return entries.values().stream()
        .map(entry -> entry.identity().remainingRatio())
        .filter(Objects::nonNull)
        .mapToDouble(Double::doubleValue)
        .min();
  }
}
