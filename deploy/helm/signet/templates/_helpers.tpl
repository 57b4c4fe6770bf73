{{/* Names are fixed: node agents, CSIDriver and the admission policies exist once in a cluster. */}}

{{- define "signet.labels" -}}
app.kubernetes.io/name: signet
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: signet
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* What selectors hold on to: never changed, since selectors cannot be. */}}
{{- define "signet.selector" -}}
app.kubernetes.io/name: signet
app.kubernetes.io/component: {{ . }}
{{- end -}}

{{/* (list . "ca") */}}
{{- define "signet.image" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $digest := get $root.Values.image.digests $name -}}
{{- if $digest -}}
{{ $root.Values.image.registry }}/{{ $name }}@{{ $digest }}
{{- else -}}
{{ $root.Values.image.registry }}/{{ $name }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "signet.kekSecret" -}}
{{ .Values.ca.keyEncryptionKey.existingSecret | default "signet-key-encryption-key" }}
{{- end -}}

{{/* The ConfigMap of the bundle by which agents know the CA: what it publishes here, or what the operator brought from elsewhere. */}}
{{- define "signet.agentTrustBundle" -}}
{{ ternary "signet-trust-bundle" "signet-ca-elsewhere" .Values.ca.enabled }}
{{- end -}}

{{- define "signet.kubeVersion" -}}
{{ printf "%s.%s" .Capabilities.KubeVersion.Major (.Capabilities.KubeVersion.Minor | trimSuffix "+") }}
{{- end -}}

{{/* "true" where kubelet puts tokens into secrets; nothing otherwise. */}}
{{- define "signet.tokensInSecrets" -}}
{{- $wanted := .Values.csiDriver.tokensInSecrets | toString -}}
{{- if or (eq $wanted "true") (and (eq $wanted "auto") (semverCompare ">=1.35.0-0" .Capabilities.KubeVersion.Version)) -}}
true
{{- end -}}
{{- end -}}

{{/* The version in which the cluster serves MutatingAdmissionPolicy; nothing where it does not. From 1.36 on every cluster serves v1; before, a gate decides. */}}
{{- define "signet.mutatingPolicyVersion" -}}
{{- if semverCompare ">=1.36.0-0" .Capabilities.KubeVersion.Version -}}
v1
{{- else if and (semverCompare ">=1.34.0-0" .Capabilities.KubeVersion.Version) (.Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy") -}}
v1beta1
{{- end -}}
{{- end -}}

{{/* Seconds of a length of time; -1 where it is none. */}}
{{- define "signet.seconds" -}}
{{- if regexMatch "^[0-9]{1,9}(ms|s|m|h|d)$" . -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- if eq $unit "ms" }}{{ div $number 1000 }}{{ else }}{{ mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) }}{{ end -}}
{{- else -}}
-1
{{- end -}}
{{- end -}}

{{/* A path as a regular expression that also matches its other spellings: doubled slashes and "/./". */}}
{{- define "signet.pathPattern" -}}
{{- $sep := "/+(\\./+)*" -}}
{{- $parts := list -}}
{{- range splitList "/" (trimAll "/" .) -}}
{{- $parts = append $parts (replace "." "\\." .) -}}
{{- end -}}
{{- printf "%s%s" $sep (join $sep $parts) -}}
{{- end -}}

{{/*
The agents' folders, and what is mounted from them into pods, as a CEL list of regular expressions. What lies in one pod's folder is
that pod's: its volumes' sockets too.
*/}}
{{- define "signet.agentFolders" -}}
{{- $kubelet := .Values.agent.kubeletDir -}}
{{- $folders := list
  (printf "^%s(/.*)?$" (include "signet.pathPattern" "/run/signet"))
  (printf "^%s(/.*)?$" (include "signet.pathPattern" "/var/run/signet"))
  (printf "^%s(/.*)?$" (include "signet.pathPattern" (printf "%s/plugins/csi.signet.dev" $kubelet)))
  (printf "^%s.*$" (include "signet.pathPattern" (printf "%s/plugins_registry/csi.signet.dev" $kubelet)))
  (printf "^%s/+(\\./+)*[^/.][^/]*(/.*)?$" (include "signet.pathPattern" (printf "%s/pods" $kubelet))) -}}
[{{ range $i, $f := $folders }}{{ if $i }}, {{ end }}r'{{ $f }}'{{ end }}]
{{- end -}}

{{- define "signet.restrictedContainer" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "signet.restrictedPod" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}
