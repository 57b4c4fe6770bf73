package dev.signet.cli;

import dev.signet.ca.keys.KeyId;
import dev.signet.process.message.Printable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The name of an authority as it is typed. */
final class AuthorityName implements ITypeConverter<KeyId> {
  @Override
  public KeyId convert(String value) {
    try {
      return new KeyId(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(
          Printable.quoted(value)
              + " is no name of an authority; signet authority list shows their names");
    }
  }
}
