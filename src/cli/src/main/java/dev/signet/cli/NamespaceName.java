package dev.signet.cli;

import dev.signet.process.message.Printable;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The name of a namespace as it is typed: it becomes a part of paths, so nothing else passes. */
final class NamespaceName implements ITypeConverter<String> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  @Override
  public String convert(String value) {
    if (!FORM.matcher(value).matches()) {
      throw new TypeConversionException(Printable.quoted(value) + " is no name of a namespace");
    }
    return value;
  }
}
