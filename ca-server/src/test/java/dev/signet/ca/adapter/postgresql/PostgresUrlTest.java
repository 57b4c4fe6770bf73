package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdbc:postgresql://db:5432/signet|db:5432/signet|signet",
        "jdbc:postgresql://a:5432,b:5433/signet?sslmode=verify-full|a:5432,b:5433/signet|signet",
        "jdbc:postgresql://[::1]/signet?sslrootcert=/etc/ca.pem&currentSchema=s|[::1]/signet|signet"
      })
  void url_namesItsPlace(String url, String place, String database) {
    PostgresUrl parsed = PostgresUrl.parse(url);

    assertThat(parsed.text()).isEqualTo(url);
    assertThat(parsed.place()).isEqualTo(place);
    assertThat(parsed.database()).isEqualTo(database);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://db/signet",
        "jdbc:postgresql:signet",
        "jdbc:postgresql://db",
        "jdbc:postgresql://db/",
        "jdbc:postgresql://db:none/signet",
        "jdbc:sqlite:file",
        ""
      })
  void otherForm_refusedWithTheForm(String url) {
    assertThatThrownBy(() -> PostgresUrl.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jdbc:postgresql://HOST:PORT/DATABASE");
  }

  /** T35: what is refused for a secret in it is not printed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://db/signet?password=hunter2",
        "jdbc:postgresql://db/signet?sslmode=require&PASSWORD=hunter2",
        "jdbc:postgresql://db/signet?sslpassword=hunter2",
        "jdbc:postgresql://signet:hunter2@db/signet"
      })
  void password_refusedWithTheMendAndNotQuoted(String url) {
    assertThatThrownBy(() -> PostgresUrl.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("password")
        .hasMessageNotContaining("hunter2");
  }

  /** Durability, time-outs and the choice of the primary are not the URL's. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "targetServerType=any",
        "options=-c%20synchronous_commit=off",
        "socketTimeout=0",
        "readOnly=true",
        "sslfactory=org.postgresql.ssl.NonValidatingFactory",
        "user=postgres"
      })
  void settingThatIsNotTheUrls_refused(String setting) {
    assertThatThrownBy(() -> PostgresUrl.parse("jdbc:postgresql://db/signet?" + setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(setting.substring(0, setting.indexOf('=')));
  }

  @Test
  void misspelledSetting_suggestion() {
    assertThatThrownBy(() -> PostgresUrl.parse("jdbc:postgresql://db/signet?sslmod=require"))
        .hasMessageContaining("did you mean 'sslmode'");
  }
}
