package dev.signet.agent;

import dev.signet.agent.config.AgentConfig;
import dev.signet.process.Command;
import dev.signet.process.ProcessMain;
import java.util.Map;

/** The agent's process. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(
        ProcessMain.run(
            "signet-agent",
            args,
            Map.of(
                "serve",
                Command.service(
                    "serves the pods of this node until it is stopped",
                    document -> NodeAgent.start(AgentConfig.from(document))),
                "validate",
                Command.task(
                    "checks the configuration and starts nothing",
                    document -> {
                      AgentConfig.from(document);
                      return "the configuration is valid";
                    }))));
  }
}
