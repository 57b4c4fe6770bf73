{{/* Everything that is wrong with the values, at once, each with what to do. */}}
{{- define "signet.validate" -}}
{{- $bad := list -}}
{{- $v := .Values -}}
{{- $kube := include "signet.kubeVersion" . -}}

{{- /* The cluster. */ -}}
{{- if semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version -}}
{{- $bad = append $bad (printf "this cluster runs Kubernetes %s, whose tokens do not say on which node their pod is, and the CA refuses every token that does not: upgrade the cluster to 1.30 or later" $kube) -}}
{{- end -}}

{{- /* Names. */ -}}
{{- if not $v.trustDomain -}}
{{- $bad = append $bad "trustDomain is not set: add --set trustDomain=<name>, for example shop.example; it becomes part of every identity and cannot be changed later" -}}
{{- else if not (regexMatch "^[a-z0-9._-]{1,255}$" $v.trustDomain) -}}
{{- $bad = append $bad (printf "trustDomain %q is no trust domain: use 1 to 255 of a-z 0-9 . - _ and nothing else (no spiffe://, no capitals, no port, no path), for example shop.example" $v.trustDomain) -}}
{{- else if hasSuffix "." $v.trustDomain -}}
{{- $bad = append $bad (printf "trustDomain %q ends in a dot, and Java programs cannot read such SVIDs: leave the dot out" $v.trustDomain) -}}
{{- end -}}
{{- if or (not (regexMatch "^[a-zA-Z0-9._-]{1,255}$" $v.clusterName)) (has $v.clusterName (list "." "..")) -}}
{{- $bad = append $bad (printf "clusterName %q cannot be part of an ID: use a-z A-Z 0-9 . - _, for example main" $v.clusterName) -}}
{{- end -}}
{{- if has .Release.Namespace (list "default" "kube-system" "kube-public" "kube-node-lease") -}}
{{- $bad = append $bad (printf "namespace %s is shared: whoever may create pods beside Signet is Signet, and its NetworkPolicies deny all else there; install with -n signet-system --create-namespace" .Release.Namespace) -}}
{{- end -}}

{{- /* Both halves or one. */ -}}
{{- $whole := and $v.ca.enabled $v.agent.enabled -}}
{{- if not (or $v.ca.enabled $v.agent.enabled) -}}
{{- $bad = append $bad "ca.enabled and agent.enabled are both false: nothing is left to install; set one of them to true" -}}
{{- else if $whole -}}
{{- if or $v.agent.ca.address $v.agent.ca.trustBundle -}}
{{- $bad = append $bad "agent.ca says where another CA is, and ca.enabled is true: the agents of this release use its own CA; leave agent.ca out, or set ca.enabled=false" -}}
{{- end -}}
{{- if $v.ca.agentAccounts -}}
{{- $bad = append $bad (printf "ca.agentAccounts is for agents that are installed elsewhere, and agent.enabled is true: the agents of this release run as %s/signet-agent; leave it out, or set agent.enabled=false" .Release.Namespace) -}}
{{- end -}}
{{- else if $v.ca.enabled -}}
{{- if or $v.agent.ca.address $v.agent.ca.trustBundle -}}
{{- $bad = append $bad "agent.ca is for agents, and agent.enabled is false: set it where the agents are installed" -}}
{{- end -}}
{{- if not $v.ca.agentAccounts -}}
{{- $bad = append $bad "agent.enabled is false and ca.agentAccounts is empty: the CA would take no pod for an agent; name the agents' account, for example --set 'ca.agentAccounts={signet-system/signet-agent}'" -}}
{{- end -}}
{{- range $v.ca.agentAccounts -}}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$" .) -}}
{{- $bad = append $bad (printf "ca.agentAccounts: %q is no namespace/name of a ServiceAccount: for example signet-system/signet-agent" .) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- $port := regexFind "[0-9]{1,5}$" $v.agent.ca.address | int -}}
{{- if not $v.agent.ca.address -}}
{{- $bad = append $bad "ca.enabled is false and agent.ca.address is not set: the agents have no CA; set it to where the CA listens, for example ca.example:8443" -}}
{{- else if or (not (regexMatch "^(\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):[0-9]{1,5}$" $v.agent.ca.address)) (lt $port 1) (gt $port 65535) -}}
{{- $bad = append $bad (printf "agent.ca.address %q is no host:port: for example ca.example:8443 or [fd00::1]:8443 (no https://, no path)" $v.agent.ca.address) -}}
{{- end -}}
{{- $mend := "in the CA's cluster: kubectl -n <namespace> get configmap signet-trust-bundle -o jsonpath='{.data.bundle\\.pem}' > bundle.pem, then --set-file agent.ca.trustBundle=bundle.pem" -}}
{{- if not $v.agent.ca.trustBundle -}}
{{- $bad = append $bad (printf "ca.enabled is false and agent.ca.trustBundle is not set: the agents could not tell their CA from another; %s" $mend) -}}
{{- else if contains "PRIVATE KEY" $v.agent.ca.trustBundle -}}
{{- $bad = append $bad (printf "agent.ca.trustBundle holds a private key, which no cluster but the CA's may have: give only the published certificates; %s" $mend) -}}
{{- else if not (contains "-----BEGIN CERTIFICATE-----" $v.agent.ca.trustBundle) -}}
{{- $bad = append $bad (printf "agent.ca.trustBundle holds no certificate in PEM: %s" $mend) -}}
{{- end -}}
{{- end -}}

{{- /* The CA. */ -}}
{{- if ne (int $v.ca.replicas) 1 -}}
{{- $bad = append $bad (printf "ca.replicas is %d: the store is SQLite, which has exactly one writer, and this version has no other; leave ca.replicas at 1 (pods keep their SVIDs while the CA moves or restarts)" (int $v.ca.replicas)) -}}
{{- end -}}
{{- $ttl := include "signet.seconds" $v.ca.svid.ttl | int64 -}}
{{- if lt $ttl 0 -}}
{{- $bad = append $bad (printf "ca.svid.ttl %q is no length of time: write a whole number and s, m or h, for example 1h" $v.ca.svid.ttl) -}}
{{- else if or (lt $ttl 300) (gt $ttl 86400) -}}
{{- $bad = append $bad (printf "ca.svid.ttl %s is out of 5m to 24h: below, no time is left for an outage; above, a stolen key lasts too long. 1h is the default" $v.ca.svid.ttl) -}}
{{- end -}}
{{- if and (eq $v.agent.review "agent") (gt $ttl 3600) -}}
{{- $bad = append $bad (printf "ca.svid.ttl is %s and agent.review is agent: a pod that is gone could be renewed for so much longer, since the CA cannot see it; set 1h or less" $v.ca.svid.ttl) -}}
{{- end -}}
{{- $backdate := include "signet.seconds" $v.ca.svid.backdate | int64 -}}
{{- if lt $backdate 0 -}}
{{- $bad = append $bad (printf "ca.svid.backdate %q is no length of time: write a whole number and s, m or h, for example 5m" $v.ca.svid.backdate) -}}
{{- else if gt $backdate 3600 -}}
{{- $bad = append $bad (printf "ca.svid.backdate %s is out of 0s to 1h: 5m is the default" $v.ca.svid.backdate) -}}
{{- end -}}
{{- range $v.ca.allowDefaultAccount -}}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" .) -}}
{{- $bad = append $bad (printf "ca.allowDefaultAccount: %q is no name of a namespace" .) -}}
{{- end -}}
{{- end -}}
{{- $p := $v.ca.persistence -}}
{{- if $p.hostPath -}}
{{- if not $p.enabled -}}
{{- $bad = append $bad "ca.persistence.hostPath is set and ca.persistence.enabled is false: set one of them" -}}
{{- end -}}
{{- if $p.storageClassName -}}
{{- $bad = append $bad "ca.persistence has both hostPath and storageClassName: hostPath is a folder of one node, storageClassName asks a provisioner; set one of them" -}}
{{- end -}}
{{- if or (not (hasPrefix "/" $p.hostPath)) (has ".." (splitList "/" $p.hostPath)) (eq (trimAll "/" $p.hostPath) "") -}}
{{- $bad = append $bad (printf "ca.persistence.hostPath %q is no absolute path of a folder: write it from / on, without .." $p.hostPath) -}}
{{- end -}}
{{- if not $v.ca.nodeSelector -}}
{{- $bad = append $bad "ca.persistence.hostPath needs ca.nodeSelector: on another node the CA would not find its root; set ca.nodeSelector to the node, for example kubernetes.io/hostname: <node>" -}}
{{- end -}}
{{- else if not (regexMatch "^[0-9]+(\\.[0-9]+)?([KMGTPE]i?|[km])?$" $p.size) -}}
{{- $bad = append $bad (printf "ca.persistence.size %q is no size: for example 1Gi" $p.size) -}}
{{- else if or (contains "." $p.size) (and (hasSuffix "i" $p.size) (eq 0 (int (mod (regexFind "^[0-9]+" $p.size | int64) 1024)))) -}}
{{- $bad = append $bad (printf "ca.persistence.size %q is not written as the API server writes it, and an upgrade would take it for a change: write whole numbers in the largest unit that fits, 1Gi for 1024Mi" $p.size) -}}
{{- end -}}
{{- if and $v.ca.keyEncryptionKey.existingSecret (not (regexMatch "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" $v.ca.keyEncryptionKey.existingSecret)) -}}
{{- $bad = append $bad (printf "ca.keyEncryptionKey.existingSecret %q is no name of a Secret: name it, not the key itself" $v.ca.keyEncryptionKey.existingSecret) -}}
{{- end -}}
{{- if and (not $v.ca.keyEncryptionKey.existingSecret) (ne $v.ca.keyEncryptionKey.key "kek") -}}
{{- $bad = append $bad (printf "ca.keyEncryptionKey.key is %q and no existingSecret is named: the Secret that the chart makes has the key kek; leave it, or name your Secret" $v.ca.keyEncryptionKey.key) -}}
{{- end -}}

{{- /* The agents. */ -}}
{{- if not (regexMatch "^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$" $v.agent.kubeletDir) -}}
{{- $bad = append $bad (printf "agent.kubeletDir %q is no absolute path as kubelet spells it: write it from / on, without .. and without a slash at its end, for example /var/lib/kubelet" $v.agent.kubeletDir) -}}
{{- else if gt (len $v.agent.kubeletDir) 66 -}}
{{- $bad = append $bad (printf "agent.kubeletDir has %d bytes, and the sockets below it would be longer than the 107 that Linux takes: at most 66 will do; give kubelet a shorter --root-dir" (len $v.agent.kubeletDir)) -}}
{{- else if or (eq $v.agent.kubeletDir "/run/signet") (hasPrefix "/run/signet/" $v.agent.kubeletDir) -}}
{{- $bad = append $bad "agent.kubeletDir is in /run/signet, which is the agents' own: name kubelet's --root-dir" -}}
{{- end -}}
{{- if or (eq ($v.agent.updateStrategy.maxUnavailable | toString) "0") (eq ($v.agent.updateStrategy.maxUnavailable | toString) "0%") -}}
{{- $bad = append $bad "agent.updateStrategy.maxUnavailable is 0, and maxSurge is always 0 (kubelet refuses a second driver of one name): no agent could ever be upgraded; set 1 or more" -}}
{{- end -}}

{{- /* Tokens. */ -}}
{{- if not $v.ca.enabled -}}
{{- if or $v.ca.tokenIssuer $v.ca.tokenKeys -}}
{{- $bad = append $bad "ca.tokenIssuer and ca.tokenKeys are the CA's, and ca.enabled is false: set them where the CA is installed" -}}
{{- end -}}
{{- else if eq $v.agent.review "agent" -}}
{{- if ne $v.ca.tokenIssuer (trim $v.ca.tokenIssuer) -}}
{{- $bad = append $bad (printf "ca.tokenIssuer %q begins or ends in a blank: leave it out" $v.ca.tokenIssuer) -}}
{{- end -}}
{{- if not (trim $v.ca.tokenIssuer) -}}
{{- $bad = append $bad "agent.review is agent and ca.tokenIssuer is not set: without it the CA cannot tell whose tokens it verifies; set it to the issuer in: kubectl get --raw /.well-known/openid-configuration" -}}
{{- end -}}
{{- if not $v.ca.tokenKeys -}}
{{- $bad = append $bad "agent.review is agent and ca.tokenKeys is not set: without the cluster's keys the CA can verify no token; kubectl get --raw /openid/v1/jwks > jwks.json, then --set-file ca.tokenKeys=jwks.json" -}}
{{- else if not (dig "keys" "" (fromJson $v.ca.tokenKeys)) -}}
{{- $bad = append $bad "ca.tokenKeys is no JSON Web Key Set: kubectl get --raw /openid/v1/jwks > jwks.json, then --set-file ca.tokenKeys=jwks.json" -}}
{{- end -}}
{{- else if or $v.ca.tokenIssuer $v.ca.tokenKeys -}}
{{- $bad = append $bad "ca.tokenIssuer and ca.tokenKeys are for agent.review=agent, and agent.review is ca: leave them out, or set agent.review=agent" -}}
{{- end -}}
{{- if and (eq $v.agent.review "agent") (gt (int $v.csiDriver.tokenExpirationSeconds) 7200) -}}
{{- $bad = append $bad (printf "csiDriver.tokenExpirationSeconds is %d and agent.review is agent: there a token may live for 7200 s at most, since nothing tells the CA that its pod is gone; set 7200 or less" (int $v.csiDriver.tokenExpirationSeconds)) -}}
{{- end -}}
{{- if or (lt (int $v.csiDriver.tokenExpirationSeconds) 600) (gt (int $v.csiDriver.tokenExpirationSeconds) 86400) -}}
{{- $bad = append $bad (printf "csiDriver.tokenExpirationSeconds is %d: no cluster makes tokens under 600 s, and above 86400 they outlive their use; 3600 is the default" (int $v.csiDriver.tokenExpirationSeconds)) -}}
{{- end -}}
{{- if and (eq ($v.csiDriver.tokensInSecrets | toString) "true") (semverCompare "<1.35.0-0" .Capabilities.KubeVersion.Version) -}}
{{- $bad = append $bad (printf "csiDriver.tokensInSecrets is true, and Kubernetes %s does not have serviceAccountTokenInSecrets: set auto or false, or upgrade the cluster to 1.35" $kube) -}}
{{- end -}}

{{- /* Policies and the rest. */ -}}
{{- if and $v.policies.injectVolume.enabled (not (include "signet.mutatingPolicyVersion" .)) -}}
{{- $bad = append $bad (printf "policies.injectVolume.enabled is true, and this cluster (Kubernetes %s) serves no MutatingAdmissionPolicy: set it to false and write the volume into the pods, or upgrade to 1.36, or on 1.34 start the API servers with --feature-gates=MutatingAdmissionPolicy=true and --runtime-config=admissionregistration.k8s.io/v1beta1=true (helm template, which asks no cluster, needs --api-versions admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy to know)" $kube) -}}
{{- end -}}

{{- /* What is there already; nothing under `helm template`, which asks no cluster. */ -}}
{{- if lookup "v1" "Namespace" "" "kube-system" -}}
{{- $bad = concat $bad (include "signet.validateInstalled" . | fromYamlArray) -}}
{{- end -}}

{{- if $bad -}}
{{- fail (printf "\n\nNothing was installed or changed, because:\n  - %s\n" (join "\n  - " $bad)) -}}
{{- end -}}
{{- end -}}

{{- define "signet.validateInstalled" -}}
{{- $bad := list -}}
{{- $v := .Values -}}
{{- $ns := .Release.Namespace -}}
{{- $namespace := lookup "v1" "Namespace" "" $ns -}}
{{- if $namespace -}}
{{- $level := dig "metadata" "labels" "pod-security.kubernetes.io/enforce" "" $namespace -}}
{{- if and $v.agent.enabled $level (ne $level "privileged") -}}
{{- $bad = append $bad (printf "namespace %s enforces the Pod Security level %s, and agents mount volumes for pods, which only privileged allows: kubectl label --overwrite namespace %s pod-security.kubernetes.io/enforce=privileged" $ns $level $ns) -}}
{{- end -}}
{{- if and $v.namespace.create (ne (dig "metadata" "labels" "app.kubernetes.io/managed-by" "" $namespace) "Helm") -}}
{{- $bad = append $bad (printf "namespace.create is true and the namespace %s is there: set it to false; it is for tools that apply what helm template prints" $ns) -}}
{{- end -}}
{{- end -}}

{{- /* A half is not taken out of a release that runs it: its pods would hang, or their trust root would change under them. */ -}}
{{- if and (not $v.agent.enabled) (lookup "apps/v1" "DaemonSet" $ns "signet-agent") -}}
{{- $bad = append $bad (printf "agent.enabled is false, and agents run in %s: pods that use the volume would stay in Terminating without them. Set agent.enabled=true, or uninstall first, which looks for such pods, and install anew; the root is kept" $ns) -}}
{{- end -}}
{{- if and (not $v.ca.enabled) (lookup "apps/v1" "StatefulSet" $ns "signet-ca") -}}
{{- $bad = append $bad (printf "ca.enabled is false, and a CA runs in %s: every identity that it has issued would lose its trust root. Set ca.enabled=true, or uninstall first and install the agents anew; its root is kept" $ns) -}}
{{- end -}}

{{- if $v.ca.enabled -}}
{{- $config := lookup "v1" "ConfigMap" $ns "signet-ca" -}}
{{- if $config -}}
{{- $installed := dig "trust_domain" "" (get $config.data "ca.yaml" | fromYaml) -}}
{{- if and $installed $v.trustDomain (ne $installed $v.trustDomain) -}}
{{- $bad = append $bad (printf "trustDomain is %s, and what is installed is %s: a trust domain cannot be renamed; set trustDomain=%s. To begin another one, uninstall, and delete the claim data-signet-ca-0 and the ConfigMap signet-trust-bundle" $v.trustDomain $installed $installed) -}}
{{- end -}}
{{- end -}}

{{- $claim := lookup "v1" "PersistentVolumeClaim" $ns "data-signet-ca-0" -}}
{{- $secret := lookup "v1" "Secret" $ns (include "signet.kekSecret" .) -}}
{{- if $v.ca.keyEncryptionKey.existingSecret -}}
{{- if not $secret -}}
{{- $bad = append $bad (printf "ca.keyEncryptionKey.existingSecret names %s, and %s has no such Secret: make it first: kubectl -n %s create secret generic %s --from-literal=%s=\"$(head -c 32 /dev/urandom | base64 | tr -d '\\n')\"" $v.ca.keyEncryptionKey.existingSecret $ns $ns $v.ca.keyEncryptionKey.existingSecret $v.ca.keyEncryptionKey.key) -}}
{{- else if not (hasKey ($secret.data | default dict) $v.ca.keyEncryptionKey.key) -}}
{{- $bad = append $bad (printf "Secret %s has no key %s: name the one that holds the key-encryption key in ca.keyEncryptionKey.key" $v.ca.keyEncryptionKey.existingSecret $v.ca.keyEncryptionKey.key) -}}
{{- end -}}
{{- else if and (not $secret) $claim -}}
{{- $bad = append $bad (printf "the claim data-signet-ca-0 holds a CA, and the Secret signet-key-encryption-key that opens its keys is gone: restore the Secret from your backup (a new key opens nothing). To begin anew, delete the claim and the ConfigMap signet-trust-bundle in %s" $ns) -}}
{{- end -}}

{{- $set := lookup "apps/v1" "StatefulSet" $ns "signet-ca" -}}
{{- if $set -}}
{{- $templates := dig "spec" "volumeClaimTemplates" list $set -}}
{{- $claims := and $v.ca.persistence.enabled (not $v.ca.persistence.hostPath) -}}
{{- if and $claims (not $templates) -}}
{{- $bad = append $bad "ca.persistence asks for a claim, and the CA that is installed has none: its root would be left behind. Keep what is set, or move the folder to the new volume first and then: kubectl delete statefulset signet-ca" -}}
{{- else if and (not $claims) $templates -}}
{{- $bad = append $bad "ca.persistence asks for no claim, and the CA that is installed has its root on data-signet-ca-0: keep ca.persistence as it was, or move the folder first and then: kubectl delete statefulset signet-ca" -}}
{{- else if $claims -}}
{{- $spec := (first $templates).spec -}}
{{- if or (ne $spec.resources.requests.storage $v.ca.persistence.size) (ne ($spec.storageClassName | default "") $v.ca.persistence.storageClassName) -}}
{{- $bad = append $bad (printf "ca.persistence.size or storageClassName is not what data-signet-ca-0 was made with (%s, %q), and a StatefulSet cannot change it: set them back, or resize the claim itself (kubectl -n %s patch pvc data-signet-ca-0 -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"%s\"}}}}'), then kubectl -n %s delete statefulset signet-ca --cascade=orphan and upgrade again" $spec.resources.requests.storage ($spec.storageClassName | default "") $ns $v.ca.persistence.size $ns) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $bad -}}
{{- end -}}
