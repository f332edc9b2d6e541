{{- /* tsnd.json: what is not said is not there, because the agent refuses keys that it does not know. */ -}}
{{- define "tsn-cni.config" -}}
{{- $config := dict "nics" .Values.nics "pluginDirs" .Values.pluginDirs -}}
{{- if .Values.chain.enabled -}}
{{- $_ := set $config "install" (dict "chain" true "entry" .Values.chain.entry) -}}
{{- end -}}
{{- toJson $config -}}
{{- end -}}
