package dev.signet.sandbox.api;

import com.google.gson.JsonObject;

/** What a request is answered with. */
sealed interface Reply {
  record Document(int code, JsonObject body) implements Reply {}

  record Watch(WatchStream stream) implements Reply {}
}
