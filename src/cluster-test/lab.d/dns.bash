# Names: CoreDNS on the control plane's machine, behind the Service kube-system/kube-dns, whose endpoint is written by hand.
# shellcheck shell=bash

start_coredns() {
  local node hosts=
  for node in "${NODES[@]}"; do hosts+="$(node_address "$node") $node"$'\n'; done
  cat >"$DIR/cp/Corefile" <<TEXT
. {
  bind $API
  ready 127.0.0.1:8181
  errors
  loadbalance
  hosts {
    $hosts
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig $PKI/coredns.kubeconfig
    ttl 1
  }
  # Nothing is beyond the lab. (Without this answer CoreDNS refuses, and resolvers ask again and again.)
  template ANY ANY {
    rcode NXDOMAIN
  }
}
TEXT
  spawn cp/coredns "$BIN/kubelab" coredns -conf "$DIR/cp/Corefile"
}

is_healthy_coredns() { http_ok cp 8181 /ready; }

dns_service() {
  [ ! -e "$DIR/cp/dns-service" ] || return 0
  ask apply -f - >/dev/null <<TEXT
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns, kubernetes.io/name: CoreDNS}}
spec:
  clusterIP: $DNS_SERVICE
  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns, endpointslice.kubernetes.io/managed-by: lab}}
addressType: IPv4
ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
endpoints: [{addresses: [$API], conditions: {ready: true}}]
TEXT
  touch "$DIR/cp/dns-service"
}
