# `lab up`: every step does what is missing and nothing else, so it starts a lab, completes one that is half up, and leaves a whole one alone.
# shellcheck shell=bash

lab_up() {
  require_machine
  lock 600 || fail "another \`lab\` command has been changing this lab for ten minutes"
  if is_up; then
    say "lab \"$NAME\" is up"
    return
  fi
  lab_binary
  make_pki
  machine_on cp
  control_plane_network
  component_on cp/etcd
  component_on cp/apiserver
  say "the API server answers"
  in_parallel "component_on cp/kcm" "component_on cp/scheduler" "component_on cp/coredns" make_images
  in_parallel "up_node ${NODES[0]}" "up_node ${NODES[1]}"
  dns_service
  wait_for cp/apiserver 90 "${NODES[*]} to be Ready" nodes_are_ready "${NODES[@]}"
  # Pods are refused in a namespace that has no account yet.
  wait_for cp/kcm 60 "the default ServiceAccount" ask -n default get serviceaccount/default configmap/kube-root-ca.crt
  say "up: Kubernetes $KUBERNETES on ${NODES[*]}; try: $LAB_HOME/lab kubectl get nodes"
}

# Every component lives and both nodes are Ready.
is_up() {
  local part node
  for part in "${CONTROL_PLANE[@]}"; do is_alive "cp/$part" || return 1; done
  for node in "${NODES[@]}"; do
    for part in "${NODE_PARTS[@]}"; do is_alive "$node/$part" || return 1; done
  done
  [ -e "$DIR/cp/dns-service" ] && nodes_are_ready "${NODES[@]}"
}

up_node() {
  node_on "$1"
  say "$1 runs"
}

# in_parallel COMMAND... [-- ARGUMENT...]: runs the commands (each split into words) at once, with the arguments; fails when one does.
in_parallel() {
  local commands=() command pids=() pid failed=0
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    commands+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  for command in "${commands[@]}"; do
    # shellcheck disable=SC2086 # split on purpose
    $command "$@" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  [ "$failed" = 0 ] || exit 1
}
