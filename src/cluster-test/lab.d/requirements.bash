# What a machine must have, and the command that mends it.
# shellcheck shell=bash

PACKAGES=(containerd runc containernetworking-plugins busybox-static iptables iproute2 openssl util-linux)
CNI_BIN=/usr/lib/cni

require_root() {
  [ "$(id -u)" = 0 ] || fail "must run as root: it makes namespaces, mounts and cgroups (try sudo -E)"
  [ "$(uname -s)" = Linux ] || fail "needs Linux, this is $(uname -s)"
}

# The programs of the packages; asked for as files where they are not on the PATH.
require_machine() {
  local missing=() program
  require_root
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  for program in containerd ctr runc iptables ip openssl nsenter unshare flock; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ -x "$CNI_BIN/ptp" ] || missing+=("$CNI_BIN/ptp")
  # In an image without a C library a dynamic busybox does not run.
  if ! command -v busybox >/dev/null || ldd "$(command -v busybox)" >/dev/null 2>&1; then missing+=("a static busybox"); fi
  [ ${#missing[@]} -eq 0 ] || fail "${missing[*]} not found; install: apt-get install -y --no-install-recommends ${PACKAGES[*]} (or \`lab install\`)"
  # Of cgroup v1 the trees count, one a controller: the folder that holds them is read-only on many machines.
  [ -n "$(cgroup_roots)" ] && ! cgroup_roots | while read -r root; do [ -w "$root" ] || echo "$root"; done | grep -q . ||
    fail "/sys/fs/cgroup holds no cgroups or they are read-only; a kubelet needs them (a container must be privileged and have its own)"
  unshare --pid --mount --net --uts --ipc --fork true 2>/dev/null ||
    fail "the kernel allows no new namespaces here; run on a machine of its own or in a privileged container"
}

# Debian's and Ubuntu's packages. Whether containerd's own service runs is all the same to the lab.
lab_install() {
  require_root
  command -v apt-get >/dev/null || fail "no apt-get here; install with this system's package manager what these Debian packages hold: ${PACKAGES[*]}"
  local absent=() package
  for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || absent+=("$package")
  done
  if [ ${#absent[@]} -eq 0 ]; then
    say "all there: ${PACKAGES[*]}"
    return
  fi
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt_get update && apt_get install -y --no-install-recommends "${absent[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install ${absent[*]}"
  fi
  rm -f "$log"
  say "installed ${absent[*]}"
}

apt_get() { apt-get -q -o DPkg::Lock::Timeout=120 "$@"; }
