# A machine of the lab (cp, node-a, node-b) is a set of namespaces: process, mount, network, UTS and IPC. Its process 1 holds them; when that is
# killed, the kernel kills every process of the machine and drops its mounts and links. That is how a power loss is made, and why `lab down` leaves
# nothing behind.
# shellcheck shell=bash

# A machine's disk: what stays when it loses power.
disk() { echo "$DIR/$1/disk"; }

# machine_on NAME: makes the namespaces, with nothing but process 1 in them.
machine_on() {
  local name=$1 init
  if is_alive "$name/init"; then
    # Set up by an earlier run of ours, which may have been killed meanwhile.
    ! until_true 10 test -s "$RUN/$name/ready" || return 0
    machine_off "$name" KILL
  fi
  mkdir -p "$(disk "$name")" "$RUN/$name" "$LOGS/$name"
  rm -f "$RUN/$name/"*
  make_cgroups "$name"
  init=$BIN/pause
  ! is_node "$name" || init=/var/lib/node/bin/pause
  machine_setup "$name" >"$DIR/$name/setup"
  # The first child of a shell whose children are to live in a new process namespace is its process 1. The shell ends at once; whoever is process 1
  # here becomes the parent.
  # shellcheck disable=SC2016 # for that shell
  unshare --pid bash -c 'setsid unshare --mount --net --uts --ipc --propagation private "$@" &' - \
    "$PARTS/process-1" "$RUN/$name/init.pid" "$RUN/$name/ready" "$DIR/$name/setup" "$init" >"$LOGS/$name/init.log" 2>&1 </dev/null
  until_true 20 test -s "$RUN/$name/ready" || fail "$name has no namespaces: $(cat "$LOGS/$name/init.log")"
}

machine_setup() {
  cat <<TEXT
hostname $1
ip link set lo up
mount -t proc -o nosuid,nodev,noexec proc /proc
TEXT
  if is_node "$1"; then node_setup "$1"; fi
}

# in_machine NAME COMMAND...: runs a command on a machine, in all of its namespaces.
in_machine() {
  local name=$1 pid
  pid=$(pid_of "$name/init") || fail "$name is off; \`lab start $name\` starts it"
  shift
  nsenter --target "$pid" --pid --mount --net --uts --ipc -- "$@"
}

# in_network NAME COMMAND...: runs a command of this machine in a machine's network.
in_network() {
  local name=$1 pid
  pid=$(pid_of "$name/init") || fail "$name is off; \`lab up\` starts it"
  shift
  nsenter --net="/proc/$pid/ns/net" -- "$@"
}

# spawn MACHINE/COMPONENT COMMAND...: a process of the machine that outlives this shell. Its namespaces are entered in two steps: in the first one
# /proc is still this machine's, so that it learns the pid that we know it by.
spawn() {
  local name=$1 machine=${1%%/*} init log
  shift
  init=$(pid_of "$machine/init") || fail "$machine is off; \`lab start $machine\` starts it"
  log=$LOGS/$name.log
  rm -f "$RUN/$name.pid"
  # Appended: the log of an earlier life stays, so that a crash can be read after the restart.
  # shellcheck disable=SC2016 # for the shell that is run
  nsenter --pid="/proc/$init/ns/pid" -- bash -c 'setsid "$@" &' - \
    "$PARTS/become" "$RUN/$name.pid" "$init" "$CGROUP/$machine/system" "$@" >>"$log" 2>&1 </dev/null
  until_true 10 test -s "$RUN/$name.pid" || fail "$name was not started: $(tail -n 3 "$log")"
}

# machine_off NAME TERM|KILL: with TERM its processes may end in an orderly way, for up to five seconds.
machine_off() {
  end_process "$1/init" "$2"
  rm -f "$RUN/$1/"*
  remove_cgroups "/$1"
}
