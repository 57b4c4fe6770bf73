# Verbs that use the lab and change nothing of its parts.
# shellcheck shell=bash

need_lab() {
  is_alive cp/init || fail "lab \"$NAME\" is not up; \`lab up\` starts it"
  BIN=$(dirname "$(readlink -f "$DIR/bin/kubelab")")
}

# with_access COMMAND...: in the control plane's network, as its administrator. A proxy of this machine is out of reach there.
with_access() {
  need_lab
  in_network cp env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u all_proxy -u ALL_PROXY \
    PATH="$DIR/bin:$PATH" KUBECONFIG="$PKI/admin.kubeconfig" KUBECACHEDIR="$DIR/home/kube" \
    HELM_CACHE_HOME="$DIR/home/helm/cache" HELM_CONFIG_HOME="$DIR/home/helm/config" HELM_DATA_HOME="$DIR/home/helm/data" \
    SIGNET_LAB="$NAME" SIGNET_LAB_DIR="$DIR" SIGNET_LAB_CACHE="$CACHE" "$@"
}

lab_kubectl() {
  require_root
  with_access "$DIR/bin/kubectl" "$@"
}

lab_helm() {
  require_root
  with_access "$DIR/bin/helm" "$@"
}

# The lab's own questions: an API server that hangs is one that does not answer.
ask() { with_access "$DIR/bin/kubectl" --request-timeout=5s "$@"; }

lab_exec() {
  require_root
  [ $# -gt 0 ] || fail "usage: lab exec COMMAND..."
  with_access "$@"
}

lab_node() {
  require_root
  if [ $# -lt 2 ] || ! is_node "$1"; then fail "usage: lab node ${NODES[0]}|${NODES[1]} COMMAND..."; fi
  need_lab
  in_machine "$@"
}

lab_load() {
  local tar
  [ $# -gt 0 ] || fail "usage: lab load TAR..."
  require_machine
  need_lab
  for tar in "$@"; do [ -r "$tar" ] || fail "$tar is not a readable file"; done
  in_parallel "load_images ${NODES[0]}" "load_images ${NODES[1]}" -- "$@"
}

lab_image() {
  [ $# -gt 3 ] || fail "usage: lab image NAME OUT.tar ENTRY SOURCE=/PATH|->TARGET=/PATH..."
  local name=$1 out=$2 entry=$3
  shift 3
  if [ -x "$DIR/bin/kubelab" ]; then
    BIN=$DIR/bin
  else
    local work
    work=$(mktemp -d)
    prepare_binary "$work"
    rm -rf "$work"
  fi
  "$BIN/kubelab" image --name "$name" --out "$out" --entry "$entry" "$@"
}

lab_logs() {
  local name
  [ -e "$LOCK" ] || fail "lab \"$NAME\" is not up; \`lab up\` starts it"
  if [ $# -eq 0 ]; then
    (cd "$LOGS" && find . -name '*.log' -size +0 -printf '%P\n' | sed 's/\.log$//; s/^cp\///' | sort)
    return
  fi
  name=$1
  [ -e "$LOGS/$name.log" ] || name=cp/$1
  [ -e "$LOGS/$name.log" ] || fail "there is no log of \"$1\"; \`lab logs\` names those there are"
  if [ "${2:-}" = -f ]; then
    exec tail -n +1 -f "$LOGS/$name.log"
  fi
  cat "$LOGS/$name.log"
}
