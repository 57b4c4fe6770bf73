# `lab status`.
# shellcheck shell=bash

lab_status() {
  local machine part failed=0
  require_machine
  [ -e "$LOCK" ] || fail "lab \"$NAME\" is not up; \`lab up\` starts it"
  for part in "${CONTROL_PLANE[@]}"; do status_line "cp/$part" || failed=1; done
  for machine in "${NODES[@]}"; do
    for part in "${NODE_PARTS[@]}"; do status_line "$machine/$part" || failed=1; done
  done
  if [ "$failed" = 0 ]; then
    for machine in "${NODES[@]}"; do
      nodes_are_ready "$machine" || { failed=1 && printf '%-18s not Ready\n' "$machine"; }
    done
  fi
  printf '%-18s Kubernetes %s, %s, %s, kernel %s, binaries in %s\n' versions "$KUBERNETES" \
    "$(containerd --version | awk '{ print "containerd " $3 }')" "$(runc --version | head -n 1)" "$(uname -r)" "$(dirname "$(readlink -f "$DIR/bin/kubelab")")"
  return "$failed"
}

status_line() {
  local pid
  if ! pid=$(pid_of "$1"); then
    printf '%-18s down\n' "${1#cp/}"
    return 1
  elif ! is_healthy "$1"; then
    printf '%-18s pid %-8s not healthy\n' "${1#cp/}" "$pid"
    return 1
  fi
  printf '%-18s pid %-8s healthy\n' "${1#cp/}" "$pid"
}
