package dev.signet.agent.volume;

import static dev.signet.agent.volume.VolumeFault.ACCESS_TYPE;
import static dev.signet.agent.volume.VolumeFault.FIELD_MALFORMED;
import static dev.signet.agent.volume.VolumeFault.FIELD_MISSING;
import static dev.signet.agent.volume.VolumeFault.NOT_EPHEMERAL;
import static dev.signet.agent.volume.VolumeFault.NOT_READ_ONLY;
import static dev.signet.agent.volume.VolumeFault.POD_MISMATCH;
import static dev.signet.agent.volume.VolumeFault.STAGING_PATH;
import static dev.signet.agent.volume.VolumeFault.TARGET_PATH;
import static dev.signet.agent.volume.VolumeFault.TOKEN_IN_BOTH_MAPS;
import static dev.signet.agent.volume.VolumeFault.TOKEN_MALFORMED;
import static dev.signet.agent.volume.VolumeFault.TOKEN_MISSING;
import static dev.signet.agent.volume.VolumeFault.TOKEN_OF_ANOTHER_POD;
import static dev.signet.agent.volume.VolumeFault.UNKNOWN_KEY;

import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodToken;
import dev.signet.agent.pod.TokenRequests;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A publish call whose parts agree with each other: the pod's UID in the path, in the context, in
 * the volume's ID and in the token. Only {@link #parse} makes one.
 *
 * <p>Why so strict: kubelet's keys win over the pod author's of the same name, but a key that
 * kubelet does not write on this call stays as the author wrote it (KUBERNETES.md 3.2).
 */
final class PublishRequest {
  private static final String PREFIX = "csi.storage.k8s.io/";
  private static final String POD_UID = PREFIX + "pod.uid";
  private static final String POD_NAME = PREFIX + "pod.name";
  private static final String POD_NAMESPACE = PREFIX + "pod.namespace";
  private static final String ACCOUNT = PREFIX + "serviceAccount.name";
  private static final String EPHEMERAL = PREFIX + "ephemeral";
  private static final String TOKENS = PREFIX + "serviceAccount.tokens";
  private static final Set<String> CONTEXT_KEYS =
      Set.of(POD_UID, POD_NAME, POD_NAMESPACE, ACCOUNT, EPHEMERAL, TOKENS);

  private final VolumeTarget target;
  private final Pod pod;
  private final PodToken token;

  private PublishRequest(VolumeTarget target, Pod pod, PodToken token) {
    this.target = target;
    this.pod = pod;
    this.token = token;
  }

  static PublishRequest parse(PublishForm form, VolumeLayout layout, String audience)
      throws VolumeException {
    VolumeTarget target = target(form, layout);
    checkShape(form);
    checkKeys(form);
    Pod pod = pod(form.volumeContext(), target);
    if (!form.volumeId().equals(target.volumeId())) {
      throw new VolumeException(
          POD_MISMATCH, "volume_id is not the one of this pod and volume: only kubelet may ask");
    }
    return new PublishRequest(target, pod, token(form, target, audience));
  }

  private static VolumeTarget target(PublishForm form, VolumeLayout layout) throws VolumeException {
    if (form.volumeId().isEmpty()) {
      throw new VolumeException(FIELD_MISSING, "volume_id is missing");
    }
    if (form.targetPath().isEmpty()) {
      throw new VolumeException(FIELD_MISSING, "target_path is missing");
    }
    return layout
        .target(form.targetPath())
        .orElseThrow(() ->
            new VolumeException(
                TARGET_PATH,
                "target_path is not <kubelet_dir>/pods/<pod UID>/volumes/kubernetes.io~csi/<volume>/mount:"
                    + " check that kubelet_dir is kubelet's root folder as kubelet spells it"));
  }

  private static void checkShape(PublishForm form) throws VolumeException {
    if (!form.stagingTargetPath().isEmpty()) {
      throw new VolumeException(
          STAGING_PATH, "staging_target_path is set: this driver stages nothing");
    }
    switch (form.access()) {
      case MOUNT -> {}
      case BLOCK ->
          throw new VolumeException(
              ACCESS_TYPE, "access type block: the volume is a folder, mount it");
      case UNSET ->
          throw new VolumeException(FIELD_MISSING, "volume_capability has no access type");
    }
    if (!form.readOnly()) {
      throw new VolumeException(
          NOT_READ_ONLY, "the volume is read-only: set csi.readOnly: true in the pod's volume");
    }
  }

  private static void checkKeys(PublishForm form) throws VolumeException {
    refuseKeys("publish_context", form.publishContext(), Set.of(), "this driver attaches nothing");
    refuseKeys(
        "secrets",
        form.secrets(),
        Set.of(TOKENS),
        "remove nodePublishSecretRef from the pod's volume");
    refuseKeys(
        "volumeAttributes", form.volumeContext(), CONTEXT_KEYS, "the volume takes no attributes");
  }

  private static void refuseKeys(
      String map, Map<String, String> entries, Set<String> known, String advice)
      throws VolumeException {
    var unknown = new TreeSet<>(entries.keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new VolumeException(
          UNKNOWN_KEY, "unknown key " + Shown.of(unknown.first()) + " in " + map + ": " + advice);
    }
  }

  private static Pod pod(Map<String, String> context, VolumeTarget target) throws VolumeException {
    if (!required(context, EPHEMERAL).equals("true")) {
      throw new VolumeException(NOT_EPHEMERAL, EPHEMERAL + " is not true: use an inline volume");
    }
    if (!required(context, POD_UID).equals(target.pod().value())) {
      throw new VolumeException(POD_MISMATCH, POD_UID + " is not the pod of target_path");
    }
    try {
      return new Pod(
          target.pod(),
          required(context, POD_NAMESPACE),
          required(context, POD_NAME),
          required(context, ACCOUNT));
    } catch (IllegalArgumentException e) {
      throw new VolumeException(FIELD_MALFORMED, "pod information: " + e.getMessage());
    }
  }

  private static String required(Map<String, String> context, String key) throws VolumeException {
    String value = context.get(key);
    if (value == null || value.isEmpty()) {
      throw new VolumeException(
          FIELD_MISSING,
          key
              + " is missing: the CSIDriver object must have podInfoOnMount: true and"
              + " volumeLifecycleModes: [Ephemeral]");
    }
    return value;
  }

  private static PodToken token(PublishForm form, VolumeTarget target, String audience)
      throws VolumeException {
    String inSecrets = form.secrets().get(TOKENS);
    String inContext = form.volumeContext().get(TOKENS);
    if (inSecrets != null && inContext != null) {
      throw new VolumeException(
          TOKEN_IN_BOTH_MAPS,
          TOKENS + " is in secrets and in volumeAttributes: remove it from the pod's volume");
    }
    String text = inSecrets != null ? inSecrets : inContext;
    Optional<PodToken> token;
    try {
      token = text == null ? Optional.empty() : TokenRequests.token(text, audience);
    } catch (IllegalArgumentException e) {
      throw new VolumeException(TOKEN_MALFORMED, TOKENS + ": " + e.getMessage());
    }
    PodToken found =
        token.orElseThrow(() ->
            new VolumeException(
                TOKEN_MISSING,
                "no token of audience "
                    + audience
                    + ": the CSIDriver object must request it in tokenRequests"));
    if (!found.boundTo().equals(target.pod())) {
      throw new VolumeException(
          TOKEN_OF_ANOTHER_POD, "the token is bound to another pod than the one of target_path");
    }
    return found;
  }

  VolumeTarget target() {
    return target;
  }

  Pod pod() {
    return pod;
  }

  PodToken token() {
    return token;
  }
}
