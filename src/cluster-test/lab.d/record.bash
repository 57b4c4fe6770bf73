# Sourced by the small programs that become a process of the lab, while /proc is still this machine's.
# shellcheck shell=bash

# record_self FILE: "pid start-time boot". Not $$, which is the pid in a process namespace of its own: /proc tells the one that this machine knows.
record_self() {
  local -a stat
  read -ra stat </proc/self/stat # by this shell, not by a child: its own line. Its name has no blank.
  echo "${stat[0]} ${stat[21]} $(</proc/sys/kernel/random/boot_id)" >"$1.new"
  mv "$1.new" "$1"
}
