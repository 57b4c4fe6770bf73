# shellcheck shell=bash

lab_up() {
  local part
  require_machine
  lock 600 || fail "another \`lab\` command has been changing this lab for ten minutes"
  prepare_binary
  make_pki
  machine_on cp
  control_plane_network
  component_on cp/etcd
  component_on cp/apiserver
  say "API server answers"
  in_parallel up_kcm up_scheduler up_coredns up_images
  in_parallel up_node-a up_node-b
  dns_service
  for part in "${NODES[@]}"; do wait_for "$part/kubelet" 90 "$part to be Ready" node_is_ready "$part"; done
  # Pods are refused in a namespace that has no account yet.
  wait_for cp/kcm 60 "the default ServiceAccount" lab_kubectl -n default get serviceaccount/default configmap/kube-root-ca.crt
  say "up: Kubernetes $KUBERNETES on ${NODES[*]}; try: ${BASH_SOURCE[0]%lab.d/*}lab kubectl get nodes"
}

up_kcm() { component_on cp/kcm; }
up_scheduler() { component_on cp/scheduler; }
up_coredns() { component_on cp/coredns; }
up_images() { make_images; }
up_node-a() {
  node_on node-a
  say "node-a runs"
}
up_node-b() {
  node_on node-b
  say "node-b runs"
}

# in_parallel FUNCTION...: fails when one does.
in_parallel() {
  local function pids=() failed=0 pid
  for function in "$@"; do
    "$function" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  [ "$failed" = 0 ] || exit 1
}
