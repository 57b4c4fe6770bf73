package dev.signet.agent.adapter.csi;

/** Told what kubelet made of the driver. */
public interface RegistrationListener {
  void registered();

  /**
   * Kubelet does not use the driver.
   *
   * @param error kubelet's words
   */
  void refused(String error);
}
