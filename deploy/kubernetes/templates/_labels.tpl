{{- define "masthead.selector" -}}
app.kubernetes.io/name: masthead
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "masthead.labels" -}}
{{ include "masthead.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
