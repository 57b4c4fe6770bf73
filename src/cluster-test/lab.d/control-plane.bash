# The control plane: etcd, API server, controller manager, scheduler (and CoreDNS, see dns.bash) on a machine of their own, which holds the bridge that
# the nodes are plugged into.
# shellcheck shell=bash

control_plane_network() {
  in_network cp ip link show lab >/dev/null 2>&1 || in_network cp ip link add lab type bridge
  in_network cp ip addr replace "$API/24" dev lab
  in_network cp ip link set lab up
}

make_pki() {
  local args=() node
  [ ! -d "$PKI" ] || return 0
  for node in "${NODES[@]}"; do args+=(--node "$node=$(node_address "$node")"); done
  rm -rf "$PKI.new"
  "$BIN/kubelab" pki --dir "$PKI.new" --api "$API" --service "$API_SERVICE" "${args[@]}"
  mv "$PKI.new" "$PKI"
}

# http_ok MACHINE PORT PATH: a 200 from plain HTTP on the machine's loopback.
http_ok() {
  # shellcheck disable=SC2016 # for that shell
  in_network "$1" timeout 3 bash -c '
    exec 5<>"/dev/tcp/127.0.0.1/$1" && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" >&5 && read -r answer <&5 && [[ $answer == *" 200 "* ]]' \
    - "$2" "$3" 2>/dev/null
}

# https_ok MACHINE PORT PATH: the same over TLS; who answers was started by us, on loopback.
https_ok() {
  # shellcheck disable=SC2016 # for that shell
  in_network "$1" timeout 5 bash -c '
    printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" | openssl s_client -quiet -connect "127.0.0.1:$1" | head -n 1 | grep -q " 200 "' \
    - "$2" "$3" >/dev/null 2>&1
}

is_healthy_etcd() { http_ok cp 2379 /health; }
is_healthy_apiserver() { https_ok cp 6443 /readyz; }
is_healthy_kcm() { https_ok cp 10257 /healthz; }
is_healthy_scheduler() { https_ok cp 10259 /healthz; }

start_etcd() { spawn cp/etcd "$BIN/kubelab" etcd --data-dir "$(disk cp)/etcd"; }

start_apiserver() {
  # One line per request, without bodies: enough to count who called what.
  echo '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}' >"$DIR/cp/audit.json"
  # Old versions are forgotten soon, as in a cluster that has run for a while: a suite asks for one.
  spawn cp/apiserver "$BIN/kubelab" kube-apiserver \
    --etcd-servers=http://127.0.0.1:2379 --etcd-compaction-interval=20s \
    --bind-address=0.0.0.0 --secure-port=6443 --advertise-address="$API" \
    --cert-dir="$(disk cp)/apiserver" \
    --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
    --client-ca-file="$PKI/ca.crt" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
    --service-cluster-ip-range="$SERVICES" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" --kubelet-client-key="$PKI/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --audit-policy-file="$DIR/cp/audit.json" --audit-log-path="$LOGS/cp/audit.log" --audit-log-mode=batch \
    --requestheader-client-ca-file="$PKI/ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$PKI/front-proxy-client.crt" --proxy-client-key-file="$PKI/front-proxy-client.key" \
    --allow-privileged=true --profiling=false \
    --feature-gates="$FEATURES" --runtime-config=certificates.k8s.io/v1beta1=true
}

start_kcm() {
  local config=$PKI/controller-manager.kubeconfig
  # A node that is gone is seen within 20 s instead of 50. The default limit of 20 requests a second is too slow for 60 pods at once.
  spawn cp/kcm "$BIN/kubelab" kube-controller-manager \
    --kubeconfig="$config" --authentication-kubeconfig="$config" --authorization-kubeconfig="$config" \
    --cert-dir="$(disk cp)/kcm" --bind-address=127.0.0.1 --leader-elect=false \
    --use-service-account-credentials=true --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" \
    --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
    --kube-api-qps=300 --kube-api-burst=600 \
    --node-monitor-grace-period=20s --node-monitor-period=2s --terminated-pod-gc-threshold=200 \
    --feature-gates="$FEATURES"
}

start_scheduler() {
  local config=$PKI/scheduler.kubeconfig
  spawn cp/scheduler "$BIN/kubelab" kube-scheduler \
    --kubeconfig="$config" --authentication-kubeconfig="$config" --authorization-kubeconfig="$config" \
    --cert-dir="$(disk cp)/scheduler" --bind-address=127.0.0.1 --leader-elect=false --kube-api-qps=300 --kube-api-burst=600
}
