# `lab down`: needs nothing of the lab to work. It never asks Kubernetes; it takes the ground away.
# shellcheck shell=bash

lab_down() {
  local machine pid
  require_root
  if [ ! -e "$LOCK" ]; then
    remove_cgroups
    say "there is no lab in $DIR"
    return
  fi
  # What is being done to the lab is over: a running `lab up`, and what a killed one has left at work.
  if pid=$(pid_of build); then kill -KILL -- "-$pid" 2>/dev/null || true; fi
  nobody_at_work() {
    local pid
    for pid in $(lock_holders); do kill -KILL "$pid" 2>/dev/null || true; done
    [ -z "$(lock_holders)" ]
  }
  until_true 10 nobody_at_work || fail "these processes hold $LOCK open and do not end: $(lock_holders | tr '\n' ' ')"
  lock 1 || fail "$LOCK is held by another machine's process"
  # All at once, then one by one: the kernel has work to do for each.
  for machine in "${MACHINES[@]}"; do
    if pid=$(pid_of "$machine/init"); then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  for machine in "${MACHINES[@]}"; do end_process "$machine/init" KILL; done
  remove_cgroups
  # The lock goes last: with it goes the knowledge that this is a lab's folder. No mount of the machines is seen from here, hence nothing is below them.
  find "$DIR" -xdev -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf --one-file-system {} +
  rm -f "$LOCK"
  rmdir --ignore-fail-on-non-empty "$DIR"
  [ "${DIR%/*}" != /var/lib/signet-lab ] || [ ! -d "${DIR%/*}" ] || rmdir --ignore-fail-on-non-empty "${DIR%/*}"
  say "down: $NAME is gone"
}
