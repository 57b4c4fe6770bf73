# A node: a machine with containerd, kubelet and kube-proxy. It sees this machine's programs and libraries, but what a node writes is its own: /run and
# /tmp in memory (gone after a reboot), /var/lib and /var/log on its disk. So a host path of a pod is another folder on each node.
# shellcheck shell=bash

# Files of the node, in the folder that it sees as /var/lib/node.
node_files() { echo "$(disk "$1")/lib/node"; }

# The script that process 1 of a node runs (see machines.bash). The sysctl files are what kubelet wants to find, bound over the real ones: those belong
# to this machine, and kubelet would write them. The folders of
# this machine are hidden last, since the lab's own may be among them. A boot id of its own makes a restart of the node a reboot in kubelet's eyes.
node_setup() {
  local disk sys=$DIR/$1/sys key
  disk=$(disk "$1")
  mkdir -p "$disk"/{lib,log} "$sys" "$(node_files "$1")/bin"
  echo 1 >"$sys/vm.overcommit_memory"
  echo 0 >"$sys/vm.panic_on_oom"
  echo 10 >"$sys/kernel.panic"
  echo 1 >"$sys/kernel.panic_on_oops"
  echo 1000000 >"$sys/kernel.keys.root_maxkeys"
  echo 25000000 >"$sys/kernel.keys.root_maxbytes"
  cat /proc/sys/kernel/random/uuid >"$sys/kernel.random.boot_id"
  for key in "$sys"/*; do echo "mount --bind $key /proc/sys/$(basename "$key" | tr . /)"; done
  cat <<TEXT
echo 1 >/proc/sys/net/ipv4/ip_forward
mount --bind $BIN $(node_files "$1")/bin
mount --bind $disk/log /var/log
mount --rbind $disk/lib /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /run/netns /run/lock
mount --make-rshared /
TEXT
}

node_network() {
  local node=$1 address other init
  address=$(node_address "$node")
  if ! in_network cp ip link show "$node" >/dev/null 2>&1; then
    init=$(pid_of "$node/init")
    in_network cp ip link add "$node" type veth peer name eth0 netns "$init"
  fi
  in_network cp ip link set "$node" master lab up
  in_network "$node" ip addr replace "$address/24" dev eth0
  in_network "$node" ip link set eth0 up
  in_network "$node" ip route replace default via "$API"
  for other in "${NODES[@]}"; do
    [ "$other" = "$node" ] || in_network "$node" ip route replace "$(node_pods "$other")" via "$(node_address "$other")"
  done
  in_network cp ip route replace "$(node_pods "$node")" via "$address"
  services_route
}

# The control plane reaches Services through any node that is on: its kube-proxy translates, and masquerades what comes from outside the pods.
services_route() {
  local node
  for node in "${NODES[@]}"; do
    if is_alive "$node/init" && in_network cp ip link show "$node" >/dev/null 2>&1; then
      in_network cp ip route replace "$SERVICES" via "$(node_address "$node")"
      return
    fi
  done
}

node_config() {
  local node=$1 files snapshotter=overlayfs f
  files=$(node_files "$node")
  # overlayfs cannot lie on overlayfs, as the disk does when this machine is a container; and not every kernel has it.
  if [ "$(stat -fc %T "$DIR")" = overlayfs ] || ! { grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null; }; then snapshotter=native; fi
  mkdir -p "$files"/cni
  cp "$PKI/ca.crt" "$files/ca.crt"
  cp "$PKI/kubelet-$node.kubeconfig" "$files/kubelet.kubeconfig"
  cp "$PKI/kubelet-$node-serving.crt" "$files/kubelet.crt"
  cp "$PKI/kubelet-$node-serving.key" "$files/kubelet.key"
  cp "$PKI/kube-proxy.kubeconfig" "$files/kube-proxy.kubeconfig"
  echo "nameserver $API" >"$files/resolv.conf"

  # ptp and not bridge: two pods of a node then meet in the node's routing, where kube-proxy's translation is undone; on a bridge the answer would go
  # past it, unless the kernel has br_netfilter.
  cat >"$files/cni/10-lab.conflist" <<TEXT
{"cniVersion": "0.4.0", "name": "lab", "plugins": [
  {"type": "ptp", "ipMasq": false,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$(node_pods "$node")"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
TEXT
  # io.containerd.internal.v1.opt would make /opt/containerd on this machine. restrict_oom_score_adj: containerd may not have the right to lower it.
  cat >"$files/containerd.toml" <<TEXT
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$snapshotter"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "$(command -v runc)"
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CNI_BIN"
    conf_dir = "/var/lib/node/cni"
TEXT
  cat >"$files/kubelet.yaml" <<TEXT
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
# From Kubernetes 1.35 kubelet refuses cgroup v1 otherwise.
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP/$node
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
address: $(node_address "$node")
healthzBindAddress: 127.0.0.1
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: /var/lib/node/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: /var/lib/node/kubelet.crt
tlsPrivateKeyFile: /var/lib/node/kubelet.key
clusterDNS: [$DNS_SERVICE]
clusterDomain: cluster.local
resolvConf: /var/lib/node/resolv.conf
# The default is a folder of this machine.
volumePluginDir: /var/lib/kubelet/volume-plugins
failSwapOn: false
makeIPTablesUtilChains: false
# The disk is this machine's: that it is rather full is no reason to evict.
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
# Volumes are published again in this rhythm, and a status is written as often as a dead node shall be seen.
syncFrequency: $SYNC
nodeStatusUpdateFrequency: 5s
nodeLeaseDurationSeconds: 20
# 60 pods at once are not to wait for limits that protect a shared API server and a registry.
maxPods: 250
serializeImagePulls: false
registryPullQPS: 0
eventRecordQPS: 0
kubeAPIQPS: 200
kubeAPIBurst: 400
featureGates: {${FEATURES//=/: }}
TEXT
  sed -i '/^featureGates/s/,/, /g' "$files/kubelet.yaml"
  # The machine-wide limits of connection tracking are not a namespace's to set.
  cat >"$files/kube-proxy.yaml" <<TEXT
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: /var/lib/node/kube-proxy.kubeconfig}
hostnameOverride: $node
mode: iptables
iptables: {minSyncPeriod: 100ms}
clusterCIDR: $PODS
detectLocalMode: ClusterCIDR
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
TEXT
  for f in kubelet kube-proxy; do chmod 600 "$files/$f.kubeconfig"; done
}

is_healthy_containerd() { in_machine "$1" ctr --connect-timeout 2s --timeout 5s version; }
is_healthy_kubelet() { http_ok "$1" 10248 /healthz; }
is_healthy_kube-proxy() { http_ok "$1" 10256 /healthz; }

start_containerd() { spawn "$1/containerd" containerd --config /var/lib/node/containerd.toml; }

start_kubelet() {
  spawn "$1/kubelet" /var/lib/node/bin/kubelab kubelet --config=/var/lib/node/kubelet.yaml --kubeconfig=/var/lib/node/kubelet.kubeconfig \
    --hostname-override="$1" --node-ip="$(node_address "$1")" --v=2
}

start_kube-proxy() { spawn "$1/kube-proxy" /var/lib/node/bin/kubelab kube-proxy --config=/var/lib/node/kube-proxy.yaml; }

# node_on NODE: from nothing, or from a node that is half on, to one whose parts all run.
node_on() {
  local node=$1 part
  machine_on "$node"
  node_network "$node"
  node_config "$node"
  for part in containerd images kubelet kube-proxy; do
    case $part in
      images) own_images "$node" ;;
      *) component_on "$node/$part" ;;
    esac
  done
}
