package dev.signet.ca.session;

import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.Evidence;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What an agent says of one pod.
 *
 * @param serial of the leaf that the pod holds, lower-case hex; empty where it has none yet
 * @param consumers all of the pod's, each class of evidence at most once; none from an agent that
 *     is too old to say
 */
public record PodWord(String serial, List<AgentReport.Seen> consumers) {
  /** 20 octets at most (RFC 5280 section 4.1.2.2), as hex. */
  private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{0,40}");

  public PodWord {
    consumers = List.copyOf(consumers);
    checkSerial(serial);
    if (consumers.size() > Evidence.values().length) {
      throw new IllegalArgumentException(consumers.size() + " classes of evidence of one pod");
    }
    for (AgentReport.Seen seen : consumers) {
      checkSerial(seen.serial());
      if (seen.consumers() < 0 || seen.revision() < 0) {
        throw new IllegalArgumentException("a number of consumers or a revision is too large");
      }
    }
    if (consumers.stream().map(AgentReport.Seen::evidence).distinct().count() < consumers.size()) {
      throw new IllegalArgumentException("a class of evidence comes twice");
    }
  }

  private static void checkSerial(String serial) {
    if (!SERIAL.matcher(serial).matches()) {
      throw new IllegalArgumentException("a serial is no lower-case hex of at most 40 digits");
    }
  }
}
