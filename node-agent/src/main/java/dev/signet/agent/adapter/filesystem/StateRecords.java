package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.cache.VolumeRecord;
import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.KeptSvid;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.VolumeTarget;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import java.io.ByteArrayOutputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Records as texts. Each says which agent wrote it and in which boot of the node, and is good for
 * no other: a copy that was carried elsewhere, or that survived on a disk, is not taken up.
 * Immutable.
 *
 * @param agent the ID of this node's agent
 * @param boot names the time since the node's kernel started
 * @param layout says which paths are volumes of this node
 */
record StateRecords(SpiffeId agent, String boot, VolumeLayout layout) {
  private static final String AGENT = "agent";
  private static final String BOOT = "boot";
  private static final String POD_UID = "pod-uid";
  private static final String POD_NAMESPACE = "pod-namespace";
  private static final String POD_NAME = "pod-name";
  private static final String ACCOUNT = "service-account";
  private static final String VOLUME = "volume";
  private static final String TARGET = "target";
  private static final String ENTITLED = "entitled";
  private static final String SERIAL = "serial";
  private static final String RECEIVED = "received";
  private static final String RENEWAL = "renewal";
  private static final String REVISION = "revision";

  byte[] encode(VolumeRecord volume) {
    Pod pod = volume.pod();
    RecordText text =
        start()
            .with(POD_UID, pod.uid().value())
            .with(POD_NAMESPACE, pod.namespace())
            .with(POD_NAME, pod.name())
            .with(ACCOUNT, pod.account())
            .with(VOLUME, volume.target().volumeName())
            .with(TARGET, volume.target().path().toString())
            .with(ENTITLED, Boolean.toString(volume.identity().entitled()));
    volume
        .identity()
        .svid()
        .ifPresent(kept -> {
          text.with(SERIAL, kept.svid().serial())
              .with(RECEIVED, kept.received().toString())
              .with(RENEWAL, kept.renewal().toString());
          kept.svid().chain().forEach(link -> text.with(RecordText.CERTIFICATE, der(link)));
          text.with(RecordText.PRIVATE_KEY, kept.svid().privateKey().getEncoded());
        });
    return text.encoded();
  }

  byte[] encode(HeldBundle bundle) {
    RecordText text = start().with(REVISION, Long.toString(bundle.revision()));
    bundle
        .bundle()
        .authorities()
        .forEach(authority -> text.with(RecordText.CERTIFICATE, der(authority)));
    return text.encoded();
  }

  private RecordText start() {
    return new RecordText().with(AGENT, agent.toString()).with(BOOT, boot);
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was parsed has a form", e);
    }
  }

  /**
   * Reads a volume's record.
   *
   * @throws IllegalArgumentException saying why it is none of this agent's, without its content
   */
  VolumeRecord volume(byte[] bytes) {
    RecordText text = own(bytes);
    var pod =
        new Pod(
            new PodUid(text.field(POD_UID)),
            text.field(POD_NAMESPACE),
            text.field(POD_NAME),
            text.field(ACCOUNT));
    VolumeTarget target =
        layout
            .target(text.field(TARGET))
            .filter(named ->
                named.pod().equals(pod.uid()) && named.volumeName().equals(text.field(VOLUME)))
            .orElseThrow(() ->
                new IllegalArgumentException("its target is not the path of its pod and volume"));
    return new VolumeRecord(
        pod, target, new KeptIdentity(Boolean.parseBoolean(text.field(ENTITLED)), svid(text)));
  }

  private Optional<KeptSvid> svid(RecordText text) {
    if (!text.has(SERIAL)) {
      return Optional.empty();
    }
    List<byte[]> keys = text.blocks(RecordText.PRIVATE_KEY);
    if (keys.size() != 1) {
      throw new IllegalArgumentException("it has no key to its SVID");
    }
    X509Svid svid;
    try {
      svid = X509Svid.parse(concatenated(text.blocks(RecordText.CERTIFICATE)), keys.getFirst());
    } catch (SpiffeException e) {
      throw new IllegalArgumentException("its SVID is not usable: " + e.getMessage());
    }
    if (!svid.serial().equals(text.field(SERIAL))
        || !svid.id().trustDomain().equals(agent.trustDomain())
        || svid.id().segments().getFirst().equals("signet")) {
      throw new IllegalArgumentException("its SVID is none of a pod of this trust domain");
    }
    return Optional.of(new KeptSvid(svid, time(text, RECEIVED), time(text, RENEWAL)));
  }

  private static Instant time(RecordText text, String field) {
    try {
      return Instant.parse(text.field(field));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(field + " is no time");
    }
  }

  /**
   * Reads the bundle's record.
   *
   * @throws IllegalArgumentException as for {@link #volume}
   */
  HeldBundle bundle(byte[] bytes) {
    RecordText text = own(bytes);
    try {
      X509Bundle bundle =
          X509Bundle.parse(agent.trustDomain(), concatenated(text.blocks(RecordText.CERTIFICATE)));
      long revision = Long.parseLong(text.field(REVISION));
      if (revision < 1 || bundle.isEmpty()) {
        throw new IllegalArgumentException("it has no revision or no authority");
      }
      return new HeldBundle(revision, bundle);
    } catch (SpiffeException e) {
      throw new IllegalArgumentException("its bundle is not usable: " + e.getMessage());
    }
  }

  private RecordText own(byte[] bytes) {
    RecordText text = RecordText.parse(bytes);
    if (!text.field(AGENT).equals(agent.toString())) {
      throw new IllegalArgumentException("the agent of another node wrote it");
    }
    if (!text.field(BOOT).equals(boot)) {
      throw new IllegalArgumentException("it is from before the node's last start");
    }
    return text;
  }

  private static byte[] concatenated(List<byte[]> parts) {
    var all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }
}
