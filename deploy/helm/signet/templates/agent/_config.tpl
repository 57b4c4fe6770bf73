{{- define "signet.agentConfig" -}}
trust_domain: {{ .Values.trustDomain | quote }}
cluster: {{ .Values.clusterName | quote }}
ca:
  address: {{ ternary (printf "signet-ca.%s.svc:8443" .Release.Namespace) .Values.agent.ca.address .Values.ca.enabled | quote }}
  trust_bundle_file: /etc/signet-trust-bundle/bundle.pem
token_file: /var/run/secrets/signet/token
kubelet_dir: {{ .Values.agent.kubeletDir }}
run_dir: /run/signet
run_size: {{ .Values.agent.runSize }}
{{- with .Values.agent.selinuxLabel }}
selinux_label: {{ . | quote }}
{{- end }}
probes: {{ printf "%s:9444" .Values.listenAddress | quote }}
review: {{ .Values.agent.review }}
{{- end -}}
