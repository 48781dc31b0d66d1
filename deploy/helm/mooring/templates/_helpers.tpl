{{- define "mooring.name" -}}
{{- if contains "mooring" .Release.Name }}{{ .Release.Name | trunc 45 | trimSuffix "-" }}{{ else }}{{ printf "%s-mooring" (.Release.Name | trunc 37 | trimSuffix "-") }}{{ end }}
{{- end }}

{{/* What must be given. Each message says where. */}}
{{- define "mooring.required" -}}
{{- $_ := required "publicUrl is the origin that browsers reach Mooring at, e.g. https://mooring.example" .Values.publicUrl }}
{{- $_ := required "temporal.address is host:port of Temporal's frontend, e.g. temporal-frontend.temporal:7233" .Values.temporal.address }}
{{- $_ := required "vault.address is the address of Vault, e.g. https://vault.vault:8200" .Values.vault.address }}
{{- $_ := required "secrets.shared is the name of a secret with MOORING_KEYS and REDIS_URL" .Values.secrets.shared }}
{{- $_ := required "secrets.api is the name of a secret with VAULT_ROLE_ID and VAULT_SECRET_ID of the API" .Values.secrets.api }}
{{- $_ := required "secrets.worker is the name of a secret with VAULT_ROLE_ID and VAULT_SECRET_ID of the worker" .Values.secrets.worker }}
{{- if ne (empty .Values.worker.deployment.name) (empty .Values.worker.deployment.buildId) }}{{ fail "worker.deployment.name and worker.deployment.buildId: set both, or none" }}{{ end }}
{{- if and .Values.monitoring.serviceMonitor.enabled (empty .Values.monitoring.serviceMonitor.apiKeySecret.name) }}{{ fail "monitoring.serviceMonitor.apiKeySecret.name is the name of a secret with an operator's key with the scope operator:metrics" }}{{ end }}
{{- end }}

{{- define "mooring.selector" -}}
app.kubernetes.io/name: mooring
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "mooring.labels" -}}
{{ include "mooring.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "mooring.image" -}}
{{- $image := index .root.Values.image .component }}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}{{ else }}{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* Of a pod. The images' user is node, 1000; a number, so that Kubernetes can tell that it is not root. */}}
{{- define "mooring.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "mooring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "mooring.secretVariable" -}}
- name: {{ .name }}
  valueFrom: { secretKeyRef: { name: {{ .secret }}, key: {{ .name }}{{ if .optional }}, optional: true{{ end }} } }
{{- end }}

{{/* The variables of one process: its own and no other's. */}}
{{- define "mooring.environment" -}}
{{- $values := .root.Values }}
- { name: PUBLIC_URL, value: {{ $values.publicUrl | quote }} }
- { name: TEMPORAL_ADDRESS, value: {{ $values.temporal.address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ $values.temporal.namespace | quote }} }
- { name: TEMPORAL_TLS, value: {{ $values.temporal.tls | quote }} }
- { name: VAULT_ADDR, value: {{ $values.vault.address | quote }} }
- { name: VAULT_MOUNT, value: {{ $values.vault.mount | quote }} }
{{- with $values.vault.namespace }}
- { name: VAULT_NAMESPACE, value: {{ . | quote }} }
{{- end }}
{{- if $values.caBundle.configMap }}
- { name: MOORING_CA_FILE, value: {{ printf "/etc/mooring/%s" $values.caBundle.key | quote }} }
{{- end }}
{{ include "mooring.secretVariable" (dict "name" "MOORING_KEYS" "secret" $values.secrets.shared) }}
{{ include "mooring.secretVariable" (dict "name" "REDIS_URL" "secret" $values.secrets.shared) }}
{{- range $name := list "TEMPORAL_API_KEY" "HTTPS_PROXY" "HTTP_PROXY" }}
{{ include "mooring.secretVariable" (dict "name" $name "secret" $values.secrets.shared "optional" true) }}
{{- end }}
{{- $own := index $values.secrets .component }}
{{ include "mooring.secretVariable" (dict "name" "VAULT_ROLE_ID" "secret" $own) }}
{{ include "mooring.secretVariable" (dict "name" "VAULT_SECRET_ID" "secret" $own) }}
{{- if eq .component "api" }}
- { name: TRUSTED_PROXIES, value: {{ $values.trustedProxies | quote }} }
{{- with $values.temporal.uiOrigin }}
- { name: TEMPORAL_UI_ORIGIN, value: {{ . | quote }} }
{{- end }}
{{- range $name := list "MOORING_RETIRED_KEYS" "MOORING_CODEC_PATH_TOKEN" }}
{{ include "mooring.secretVariable" (dict "name" $name "secret" $own "optional" true) }}
{{- end }}
{{- else if $values.worker.deployment.name }}
- { name: WORKER_DEPLOYMENT, value: {{ $values.worker.deployment.name | quote }} }
- { name: WORKER_BUILD_ID, value: {{ $values.worker.deployment.buildId | quote }} }
{{- end }}
{{- end }}

{{- define "mooring.environmentFrom" -}}
- configMapRef: { name: {{ include "mooring.name" .root }}-config }
{{- if and (eq .component "worker") .root.Values.secrets.clouds }}
- secretRef: { name: {{ .root.Values.secrets.clouds }} }
{{- end }}
{{- end }}

{{- define "mooring.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.caBundle.configMap }}
- { name: ca, mountPath: /etc/mooring, readOnly: true }
{{- end }}
{{- end }}

{{/* Of memory: what is written there may hold secrets. */}}
{{- define "mooring.volumes" -}}
- { name: tmp, emptyDir: { medium: Memory, sizeLimit: 64Mi } }
{{- if .root.Values.caBundle.configMap }}
- { name: ca, configMap: { name: {{ .root.Values.caBundle.configMap }} } }
{{- end }}
{{- end }}
