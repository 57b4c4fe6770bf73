package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.AUDIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.kubernetes.client.openapi.models.V1Pod;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a verifier rests on that cannot ask for reviews: published keys and issuer (KEP-1393). */
@NullUnmarked // Where a key or a claim is absent that must not be, the test fails by itself.
interface IssuerContract {
  ContractWorld world();

  @Test
  default void podToken_isVerifiedByThePublishedKeyThatItNames() throws Exception {
    world().account("web");
    String nodeName = world().unique("node");
    world().node(nodeName);
    V1Pod pod = world().pod("web-1", "web", nodeName);
    JWSObject token = JWSObject.parse(world().nodeToken(pod, "web", AUDIENCE));

    JWK key =
        JWKSet.parse(world().admin().read("/openid/v1/jwks"))
            .getKeyByKeyId(token.getHeader().getKeyID());

    assertThat(key).isNotNull();
    assertThat(key.isPrivate()).isFalse();
    JWSVerifier verifier =
        key instanceof RSAKey rsa ? new RSASSAVerifier(rsa) : new ECDSAVerifier((ECKey) key);
    assertThat(token.verify(verifier)).isTrue();
    assertThat(Set.of("alg", "kid", "typ")).containsAll(token.getHeader().getIncludedParams());
  }

  @Test
  default void issuerOfTokens_isThePublishedOne() throws Exception {
    world().account("web");
    String nodeName = world().unique("node");
    world().node(nodeName);
    V1Pod pod = world().pod("web-1", "web", nodeName);

    String configuration = world().admin().read("/.well-known/openid-configuration");

    assertThat(ContractWorld.claims(world().nodeToken(pod, "web", AUDIENCE)))
        .containsEntry(
            "iss",
            JsonParser.parseString(configuration).getAsJsonObject().get("issuer").getAsString());
  }

  /** The keys are public and yet not for everybody. */
  @Test
  default void stranger_readsNoKeys() {
    URI server = world().admin().server();
    ApiAccess nobody = new ApiAccess(server, world().admin().caPem(), "no.such.token");

    assertThatThrownBy(() -> nobody.read("/openid/v1/jwks")).isInstanceOf(IOException.class);
  }
}
