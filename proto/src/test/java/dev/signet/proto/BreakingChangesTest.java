package dev.signet.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each rule catches what it is for, and nothing else is caught. */
class BreakingChangesTest {
  private static final String RELEASED =
      """
      file {
        name: "a.proto" package: "p" syntax: "proto3"
        message_type {
          name: "M"
          field { name: "name" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "name" }
          field { name: "size" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: "size" }
          field { name: "a" number: 3 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "a" oneof_index: 0 }
          field { name: "kind" number: 4 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".p.E" json_name: "kind" }
          oneof_decl { name: "choice" }
          nested_type { name: "N" field { name: "x" number: 1 label: LABEL_REPEATED type: TYPE_BYTES json_name: "x" } }
          enum_type { name: "I" value { name: "I_ZERO" number: 0 } }
          reserved_range { start: 9 end: 10 }
          reserved_name: "old"
        }
        enum_type { name: "E" value { name: "ZERO" number: 0 } value { name: "ONE" number: 1 } reserved_range { start: 4 end: 5 } }
        service {
          name: "S"
          method { name: "Get" input_type: ".p.M" output_type: ".p.M" server_streaming: true }
        }
      }
      """;

  private static List<String> change(String from, String to) throws Exception {
    assertThat(RELEASED).contains(from);
    return BreakingChanges.between(parse(RELEASED), parse(RELEASED.replace(from, to)));
  }

  private static FileDescriptorSet parse(String text) throws Exception {
    return TextFormat.parse(text, FileDescriptorSet.class);
  }

  @Test
  void sameContracts_breakNothing() throws Exception {
    assertThat(BreakingChanges.between(parse(RELEASED), parse(RELEASED))).isEmpty();
  }

  @Test
  void additions_breakNothing() throws Exception {
    String field =
        "field { name: \"more\" number: 7 label: LABEL_OPTIONAL type: TYPE_STRING json_name: \"more\" }";
    assertThat(change("oneof_decl {", field + " oneof_decl {")).isEmpty();
    assertThat(
            change(
                "value { name: \"ONE\"", "value { name: \"TWO\" number: 2 } value { name: \"ONE\""))
        .isEmpty();
    assertThat(
            change(
                "method {",
                "method { name: \"Put\" input_type: \".p.M\" output_type: \".p.M\" } method {"))
        .isEmpty();
    assertThat(change("message_type {", "message_type { name: \"O\" } message_type {")).isEmpty();
    assertThat(change("name: \"a.proto\"", "name: \"b.proto\"")).isEmpty();
  }

  @Test
  void renumberedField_breaks() throws Exception {
    assertThat(change("number: 2 ", "number: 5 "))
        .containsExactly(
            "p.M.size (2) is gone or renumbered without reserving its number and name");
  }

  @Test
  void removedField_breaksUnlessNumberAndNameAreReserved() throws Exception {
    String field =
        "field { name: \"size\" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: \"size\" }";
    String expected = "p.M.size (2) is gone or renumbered without reserving its number and name";
    assertThat(change(field, "")).containsExactly(expected);
    assertThat(change(field, "reserved_range { start: 2 end: 3 }")).containsExactly(expected);
    assertThat(change(field, "reserved_name: \"size\"")).containsExactly(expected);
    assertThat(change(field, "reserved_range { start: 2 end: 3 } reserved_name: \"size\""))
        .isEmpty();
    assertThat(change(field, "reserved_range { start: 1 end: 2 } reserved_name: \"size\""))
        .containsExactly(expected);
  }

  @Test
  void changedField_breaks() throws Exception {
    assertThat(change("TYPE_INT32", "TYPE_INT64"))
        .containsExactly("p.M.size (2): type was TYPE_INT32 and is TYPE_INT64");
    assertThat(change("\".p.E\"", "\".p.M.I\""))
        .containsExactly("p.M.kind (4): type was TYPE_ENUM .p.E and is TYPE_ENUM .p.M.I");
    assertThat(change("field { name: \"size\"", "field { name: \"length\""))
        .containsExactly("p.M.size (2): name was size and is length");
    assertThat(change("json_name: \"size\"", "json_name: \"Size\""))
        .containsExactly("p.M.size (2): JSON name was size and is Size");
    assertThat(change("label: LABEL_REPEATED", "label: LABEL_OPTIONAL"))
        .containsExactly("p.M.N.x (1): cardinality was LABEL_REPEATED and is LABEL_OPTIONAL");
    assertThat(change("json_name: \"a\" oneof_index: 0", "json_name: \"a\""))
        .containsExactly("p.M.a (3): oneof was choice and is none");
    assertThat(change("json_name: \"size\"", "json_name: \"size\" proto3_optional: true"))
        .containsExactly("p.M.size (2): explicit presence was false and is true");
    assertThat(change("json_name: \"x\"", "json_name: \"x\" options { packed: true }"))
        .containsExactly("p.M.N.x (1): packing was false and is true");
  }

  @Test
  void liftedReservation_breaks() throws Exception {
    assertThat(change("reserved_range { start: 9 end: 10 }", ""))
        .containsExactly("p.M: numbers from 9 are no longer reserved");
    assertThat(change("reserved_name: \"old\"", ""))
        .containsExactly("p.M: the name old is no longer reserved");
    assertThat(change("reserved_range { start: 9 end: 10 }", "reserved_range { start: 8 end: 12 }"))
        .isEmpty();
  }

  @Test
  void enumValue_breaksWhenRenamedRenumberedOrRemoved() throws Exception {
    String expected = "p.E.ONE (1) is gone or renumbered without reserving its number and name";
    assertThat(change("\"ONE\" number: 1", "\"UNO\" number: 1"))
        .containsExactly("p.E.ONE (1): name was ONE and is UNO");
    assertThat(change("\"ONE\" number: 1", "\"ONE\" number: 2")).containsExactly(expected);
    assertThat(change("value { name: \"ONE\" number: 1 }", "")).containsExactly(expected);
    assertThat(
            change(
                "value { name: \"ONE\" number: 1 }",
                "reserved_range { start: 1 end: 1 } reserved_name: \"ONE\""))
        .isEmpty();
  }

  @Test
  void renamedTypesAndMethods_break() throws Exception {
    assertThat(change("name: \"M\"", "name: \"L\""))
        .containsExactly("message p.M is gone", "message p.M.N is gone", "enum p.M.I is gone");
    assertThat(change("name: \"E\"", "name: \"F\"")).containsExactly("enum p.E is gone");
    assertThat(change("name: \"S\"", "name: \"T\"")).containsExactly("service p.S is gone");
    assertThat(change("name: \"Get\"", "name: \"Fetch\""))
        .containsExactly("method p.S/Get is gone");
    assertThat(change("package: \"p\"", "package: \"q\""))
        .contains("message p.M is gone", "service p.S is gone");
  }

  @Test
  void changedMethod_breaks() throws Exception {
    assertThat(change("server_streaming: true", "client_streaming: true"))
        .containsExactly(
            "p.S/Get: client streaming was false and is true",
            "p.S/Get: server streaming was true and is false");
    assertThat(change("input_type: \".p.M\"", "input_type: \".p.M.N\""))
        .containsExactly("p.S/Get: request type was .p.M and is .p.M.N");
    assertThat(change("output_type: \".p.M\"", "output_type: \".p.M.N\""))
        .containsExactly("p.S/Get: response type was .p.M and is .p.M.N");
  }
}
