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

lab_kubectl() { with_access "$DIR/bin/kubectl" "$@"; }
lab_helm() { with_access "$DIR/bin/helm" "$@"; }

lab_exec() {
  require_root
  [ $# -gt 0 ] || fail "usage: lab exec COMMAND..."
  with_access "$@"
}

lab_node() {
  require_root
  [ $# -gt 1 ] && is_node "$1" || fail "usage: lab node ${NODES[0]}|${NODES[1]} COMMAND..."
  need_lab
  in_machine "$@"
}

lab_load() {
  local tar node
  [ $# -gt 0 ] || fail "usage: lab load TAR..."
  require_machine
  need_lab
  for tar in "$@"; do [ -r "$tar" ] || fail "$tar is not a readable file"; done
  load_all() {
    local tar
    for tar in "${tars[@]}"; do load_image "$1" "$tar"; done
  }
  local tars=("$@")
  load_node-a() { load_all node-a; }
  load_node-b() { load_all node-b; }
  in_parallel load_node-a load_node-b
}

lab_image() {
  [ $# -gt 3 ] || fail "usage: lab image NAME OUT.tar ENTRY SOURCE=/PATH|->TARGET=/PATH..."
  local name=$1 out=$2 entry=$3
  shift 3
  prepare_binary
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
