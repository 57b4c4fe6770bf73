# start, stop, kill and restart of one component or one node.
# shellcheck shell=bash

# full_name COMPONENT: MACHINE/PART; refuses what is none.
full_name() {
  local c
  for c in "${CONTROL_PLANE[@]}"; do
    [ "$c" != "$1" ] || { echo "cp/$c" && return; }
  done
  for c in "${NODE_PARTS[@]}"; do
    [ "$c" != "${1#*/}" ] || ! is_node "${1%%/*}" || { echo "$1" && return; }
  done
  fail "there is no component \"$1\"; there are: ${CONTROL_PLANE[*]} ${NODES[*]} and, of a node, ${NODE_PARTS[*]} (for example ${NODES[0]}/kubelet)"
}

is_healthy() {
  is_alive "$1" && "is_healthy_${1#*/}" "${1%%/*}" >/dev/null 2>&1
}

# component_on MACHINE/PART: runs and is healthy when this returns.
component_on() {
  is_alive "$1" || "start_${1#*/}" "${1%%/*}"
  wait_for "$1" 90 "$1 to be healthy" "is_healthy_${1#*/}" "${1%%/*}"
}

# nodes_are_ready NODE...
nodes_are_ready() {
  local ready
  ready=$(ask get nodes "$@" -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}{.status.conditions[?(@.type=="Ready")].status}')
  [ "$(tr -cd 'TFU' <<<"$ready")" = "$(printf 'T%.0s' "$@")" ]
}

# change VERB COMPONENT: shared beginning of the four.
change() {
  [ $# -eq 2 ] || fail "usage: lab $1 COMPONENT"
  require_machine
  need_lab
  lock 60 || fail "another \`lab\` command is changing this lab"
}

lab_start() {
  change start "$@"
  if is_node "$1"; then
    node_on "$1"
    wait_for "$1/kubelet" 90 "$1 to be Ready" nodes_are_ready "$1"
  else
    local name
    name=$(full_name "$1")
    component_on "$name"
  fi
}

lab_stop() {
  change stop "$@"
  end TERM "$1"
}

lab_kill() {
  change kill "$@"
  end KILL "$1"
}

lab_restart() {
  change restart "$@"
  end TERM "$1"
  lab_start "$1"
}

end() {
  local name part
  if is_node "$2"; then
    if [ "$1" = TERM ]; then
      # kubelet first, so that it does not start again what ends.
      for part in kubelet kube-proxy; do end_process "$2/$part" TERM; done
    fi
    machine_off "$2" "$1"
    services_route
  else
    name=$(full_name "$2")
    end_process "$name" "$1"
  fi
}
