# Each machine has a cgroup of its own, signet-lab-NAME/MACHINE, in each controller's tree where cgroup v1 is. kubelet makes its pods' in it; what else
# runs on the machine is in its group `system`, as on a node with systemd: a crowd of the runtime's processes then weighs as much as one group, and
# pods get their share beside it.
# shellcheck shell=bash

cgroup_roots() {
  if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
    echo /sys/fs/cgroup
  else
    find /sys/fs/cgroup -mindepth 2 -maxdepth 2 -name cgroup.procs -printf '%h\n'
  fi
}

make_cgroups() {
  local root group
  while read -r root; do
    mkdir -p "$root/$CGROUP/$1/system"
    for group in "$root" "$root/$CGROUP" "$root/$CGROUP/$1" "$root/$CGROUP/$1/system"; do
      if [ -e "$group/cgroup.controllers" ]; then
        # v2: children have the controllers that their parent hands down. kubelet says which of those it needs is missing.
        [ "$group" = "$root/$CGROUP/$1/system" ] ||
          sed 's/[a-z]*/+&/g' "$group/cgroup.controllers" >"$group/cgroup.subtree_control" 2>/dev/null || true
      elif [ "$group" != "$root" ] && [ -e "$group/cpuset.cpus" ]; then
        # v1: a new cpuset is empty, and nothing can run in it.
        cat "$root/cpuset.cpus" >"$group/cpuset.cpus"
        cat "$root/cpuset.mems" >"$group/cpuset.mems"
      fi
    done
    # The lab weighs as much as its machines would, of two cores each, beside what else this machine does.
    [ ! -e "$root/$CGROUP/cpu.shares" ] || echo $((3 * 2 * 1024)) >"$root/$CGROUP/cpu.shares"
    [ ! -e "$root/$CGROUP/cpu.weight" ] || echo $((3 * 2 * 100)) >"$root/$CGROUP/cpu.weight"
  done < <(cgroup_roots)
}

# remove_cgroups [/NODE]: of one node, or of the whole lab. A group is busy for a moment after its last process has died.
remove_cgroups() {
  cgroups_removed() {
    local root
    while read -r root; do
      [ ! -d "$root/$CGROUP$1" ] || find "$root/$CGROUP$1" -depth -type d -exec rmdir {} \; 2>/dev/null || true
      [ ! -d "$root/$CGROUP$1" ] || return 1
    done < <(cgroup_roots)
  }
  until_true 5 cgroups_removed "${1:-}" || fail "the cgroup $CGROUP${1:-} does not go: something lives in it"
}
