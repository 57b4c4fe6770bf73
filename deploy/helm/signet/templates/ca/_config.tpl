{{- define "signet.caConfig" -}}
trust_domain: {{ .Values.trustDomain | quote }}
{{- /* Below the volume's own folder: kubelet's work on that (owner, lost+found) stays outside. */}}
data_dir: /var/lib/signet/ca
key_encryption_key_file: /var/run/secrets/signet/kek/kek
listen: {{ printf "%s:8443" .Values.listenAddress | quote }}
probes: {{ printf "%s:9443" .Values.listenAddress | quote }}
trust_bundle_config_map: {{ .Release.Namespace }}/signet-trust-bundle
cluster:
  name: {{ .Values.clusterName | quote }}
  review: {{ .Values.agent.review }}
{{- if eq .Values.agent.review "agent" }}
  issuer: {{ .Values.ca.tokenIssuer | quote }}
  jwks_file: /etc/signet/jwks.json
{{- end }}
agents:
  accounts: {{ ternary (list (printf "%s/signet-agent" .Release.Namespace)) .Values.ca.agentAccounts .Values.agent.enabled | toJson }}
svid:
  ttl: {{ .Values.ca.svid.ttl }}
  backdate: {{ .Values.ca.svid.backdate }}
{{- with .Values.ca.allowDefaultAccount }}
policy:
  allow_default_account: {{ toJson . }}
{{- end }}
{{- end -}}
