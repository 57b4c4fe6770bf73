package dev.signet.cli;

import dev.signet.ca.rotation.NodeRef;
import dev.signet.process.message.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A node as it is typed, {@code CLUSTER/NODE}: two clusters may have nodes of one name. */
final class NodeName implements ITypeConverter<NodeRef> {
  private static final Pattern FORM = Pattern.compile("([^/\\s]+)/([^/\\s]+)");

  @Override
  public NodeRef convert(String value) {
    Matcher form = FORM.matcher(value);
    if (!form.matches()) {
      throw new TypeConversionException(
          Printable.quoted(value)
              + " is no CLUSTER/NODE, such as main/node-1; signet agent list shows them");
    }
    return new NodeRef(form.group(1), form.group(2));
  }
}
