# Names, addresses and folders. All that is global on the machine (the folder, the cgroups) bears the lab's name; addresses need not, because they
# live in network namespaces of the lab's own.
# shellcheck shell=bash disable=SC2034 # used by the other parts

NAME=${SIGNET_LAB:-signet}
case $NAME in
  '' | *[!a-z0-9-]*)
    echo "lab: SIGNET_LAB is \"$NAME\", but may hold only a-z, 0-9 and '-'" >&2
    exit 2
    ;;
esac
DIR=${SIGNET_LAB_DIR:-/var/lib/signet-lab/$NAME}
CACHE=${SIGNET_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/signet}
SYNC=${SIGNET_LAB_SYNC:-5s}
PKI=$DIR/pki
CGROUP=signet-lab-$NAME

API=10.200.0.1 # of the control plane on the lab's bridge; CoreDNS answers there, too
PODS=10.244.0.0/16
SERVICES=10.96.0.0/16
API_SERVICE=10.96.0.1
DNS_SERVICE=10.96.0.10

NODES=(node-a node-b)
MACHINES=(cp "${NODES[@]}")
CONTROL_PLANE=(etcd apiserver kcm scheduler coredns)
NODE_PARTS=(containerd kubelet kube-proxy)

node_address() {
  case $1 in
    node-a) echo 10.200.0.11 ;;
    node-b) echo 10.200.0.12 ;;
  esac
}

node_pods() {
  case $1 in
    node-a) echo 10.244.1.0/24 ;;
    node-b) echo 10.244.2.0/24 ;;
  esac
}

is_node() {
  local n
  for n in "${NODES[@]}"; do
    [ "$n" != "$1" ] || return 0
  done
  return 1
}

# Beta features of this Kubernetes that are off by default; the facts that the suites assert include them.
FEATURES=PodCertificateRequest=true,ClusterTrustBundle=true,ClusterTrustBundleProjection=true

SECONDS=0
say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
fail() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}
