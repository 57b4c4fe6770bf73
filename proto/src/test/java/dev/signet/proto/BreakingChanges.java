package dev.signet.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto.EnumReservedRange;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * What in a new set of contracts a peer of the released one would not understand, in the binary
 * form or in JSON. The rules are those that buf calls WIRE_JSON, and besides nothing that is named
 * may go: a field or value may be removed where its number and name are reserved; a message, enum,
 * service or method may not. Compatible changes of a type (int32 to int64) count as breaking, too:
 * there is no need for them.
 */
final class BreakingChanges {
  private final List<String> found = new ArrayList<>();

  private BreakingChanges() {}

  /**
   * One line for each; empty where there are none. Files of {@code google.protobuf} are not looked
   * at.
   */
  static List<String> between(FileDescriptorSet released, FileDescriptorSet built) {
    BreakingChanges changes = new BreakingChanges();
    changes.compare(Contracts.of(released), Contracts.of(built));
    return List.copyOf(changes.found);
  }

  /** Everything by full name. */
  private record Contracts(
      Map<String, DescriptorProto> messages,
      Map<String, EnumDescriptorProto> enums,
      Map<String, ServiceDescriptorProto> services) {
    static Contracts of(FileDescriptorSet set) {
      Contracts all =
          new Contracts(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
      for (FileDescriptorProto file : set.getFileList()) {
        if (!file.getPackage().equals("google.protobuf")) {
          String scope = file.getPackage().isEmpty() ? "" : file.getPackage() + ".";
          file.getMessageTypeList().forEach(message -> all.add(scope, message));
          file.getEnumTypeList().forEach(type -> all.enums.put(scope + type.getName(), type));
          file.getServiceList()
              .forEach(service -> all.services.put(scope + service.getName(), service));
        }
      }
      return all;
    }

    private void add(String scope, DescriptorProto message) {
      String name = scope + message.getName();
      messages.put(name, message);
      message.getNestedTypeList().forEach(nested -> add(name + ".", nested));
      message.getEnumTypeList().forEach(type -> enums.put(name + "." + type.getName(), type));
    }
  }

  private void compare(Contracts released, Contracts built) {
    each("message", released.messages, built.messages, this::compareMessages);
    each("enum", released.enums, built.enums, this::compareEnums);
    each("service", released.services, built.services, this::compareServices);
  }

  private interface Comparison<T> {
    void compare(String name, T before, T after);
  }

  private <T> void each(
      String kind, Map<String, T> released, Map<String, T> built, Comparison<T> comparison) {
    released.forEach((name, before) -> {
      T after = built.get(name);
      if (after == null) {
        found.add(kind + " " + name + " is gone");
      } else {
        comparison.compare(name, before, after);
      }
    });
  }

  private void compareMessages(String name, DescriptorProto before, DescriptorProto after) {
    Map<Integer, FieldDescriptorProto> fields =
        by(after.getFieldList(), FieldDescriptorProto::getNumber);
    for (FieldDescriptorProto field : before.getFieldList()) {
      String label = name + "." + field.getName() + " (" + field.getNumber() + ")";
      FieldDescriptorProto now = fields.get(field.getNumber());
      if (now == null) {
        boolean reserved =
            after.getReservedNameList().contains(field.getName())
                && after.getReservedRangeList().stream()
                    .anyMatch(range -> isIn(range, field.getNumber()));
        demand(reserved, label + " is gone or renumbered without reserving its number and name");
      } else {
        compareFields(label, before, field, after, now);
      }
    }
    for (ReservedRange range : before.getReservedRangeList()) {
      demand(
          after.getReservedRangeList().stream().anyMatch(now -> covers(now, range)),
          name + ": numbers from " + range.getStart() + " are no longer reserved");
    }
    compareReservedNames(name, before.getReservedNameList(), after.getReservedNameList());
  }

  private void compareReservedNames(String name, List<String> before, List<String> after) {
    before.forEach(reserved ->
        demand(
            after.contains(reserved), name + ": the name " + reserved + " is no longer reserved"));
  }

  private void compareFields(
      String label,
      DescriptorProto message,
      FieldDescriptorProto before,
      DescriptorProto messageNow,
      FieldDescriptorProto now) {
    same(label, "name", before.getName(), now.getName());
    same(label, "JSON name", before.getJsonName(), now.getJsonName());
    same(label, "type", type(before), type(now));
    same(label, "cardinality", before.getLabel(), now.getLabel());
    same(label, "explicit presence", before.getProto3Optional(), now.getProto3Optional());
    same(label, "packing", before.getOptions().getPacked(), now.getOptions().getPacked());
    same(label, "oneof", oneof(message, before), oneof(messageNow, now));
  }

  private void compareEnums(String name, EnumDescriptorProto before, EnumDescriptorProto after) {
    Map<Integer, EnumValueDescriptorProto> values =
        by(after.getValueList(), EnumValueDescriptorProto::getNumber);
    for (EnumValueDescriptorProto value : before.getValueList()) {
      String label = name + "." + value.getName() + " (" + value.getNumber() + ")";
      EnumValueDescriptorProto now = values.get(value.getNumber());
      if (now == null) {
        boolean reserved =
            after.getReservedNameList().contains(value.getName())
                && after.getReservedRangeList().stream()
                    .anyMatch(range -> isIn(range, value.getNumber()));
        demand(reserved, label + " is gone or renumbered without reserving its number and name");
      } else {
        same(label, "name", value.getName(), now.getName());
      }
    }
    for (EnumReservedRange range : before.getReservedRangeList()) {
      demand(
          after.getReservedRangeList().stream().anyMatch(now -> covers(now, range)),
          name + ": numbers from " + range.getStart() + " are no longer reserved");
    }
    compareReservedNames(name, before.getReservedNameList(), after.getReservedNameList());
  }

  private void compareServices(
      String name, ServiceDescriptorProto before, ServiceDescriptorProto after) {
    Map<String, MethodDescriptorProto> methods =
        by(after.getMethodList(), MethodDescriptorProto::getName);
    for (MethodDescriptorProto method : before.getMethodList()) {
      String label = name + "/" + method.getName();
      MethodDescriptorProto now = methods.get(method.getName());
      if (now == null) {
        found.add("method " + label + " is gone");
      } else {
        same(label, "request type", method.getInputType(), now.getInputType());
        same(label, "response type", method.getOutputType(), now.getOutputType());
        same(label, "client streaming", method.getClientStreaming(), now.getClientStreaming());
        same(label, "server streaming", method.getServerStreaming(), now.getServerStreaming());
      }
    }
  }

  private void same(String label, String what, Object before, Object now) {
    demand(Objects.equals(before, now), label + ": " + what + " was " + before + " and is " + now);
  }

  private void demand(boolean holds, String otherwise) {
    if (!holds) {
      found.add(otherwise);
    }
  }

  private static String type(FieldDescriptorProto field) {
    return field.getTypeName().isEmpty()
        ? field.getType().name()
        : field.getType() + " " + field.getTypeName();
  }

  // An `optional` field is, to the compiler, alone in a oneof that nobody sees.
  private static String oneof(DescriptorProto message, FieldDescriptorProto field) {
    boolean visible = field.hasOneofIndex() && !field.getProto3Optional();
    return visible ? message.getOneofDecl(field.getOneofIndex()).getName() : "none";
  }

  private static boolean isIn(ReservedRange range, int number) {
    return range.getStart() <= number && number < range.getEnd();
  }

  // Unlike a message's range, an enum's includes its end.
  private static boolean isIn(EnumReservedRange range, int number) {
    return range.getStart() <= number && number <= range.getEnd();
  }

  private static boolean covers(ReservedRange outer, ReservedRange inner) {
    return outer.getStart() <= inner.getStart() && inner.getEnd() <= outer.getEnd();
  }

  private static boolean covers(EnumReservedRange outer, EnumReservedRange inner) {
    return outer.getStart() <= inner.getStart() && inner.getEnd() <= outer.getEnd();
  }

  private static <K, T> Map<K, T> by(List<T> items, Function<T, K> key) {
    Map<K, T> map = new LinkedHashMap<>();
    // Aliases of one enum number: the first name is the one that is written.
    items.forEach(item -> map.putIfAbsent(key.apply(item), item));
    return map;
  }
}
