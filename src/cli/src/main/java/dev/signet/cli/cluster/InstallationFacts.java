package dev.signet.cli.cluster;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What there is of Signet.
 *
 * @param accounts names of the ServiceAccounts in its namespace
 * @param settings empty if neither configuration is there
 * @param bundle text of the published trust bundle; empty if the ConfigMap or its key is not there
 * @param caEndpoints ready endpoints of the CA's Service; empty if there is no such Service
 */
public record InstallationFacts(
    Observed<Optional<CsiDriverFact>> driver,
    Observed<Optional<AgentSet>> agents,
    Observed<List<SignetPod>> pods,
    Observed<Set<String>> accounts,
    Observed<Optional<InstalledSettings>> settings,
    Observed<Optional<String>> bundle,
    Observed<OptionalInt> caEndpoints) {}
