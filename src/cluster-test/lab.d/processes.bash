# Processes are known by pid and start time (a pid alone may have been given to somebody else), never by name. The record of a process is written by
# the process itself before it becomes what it is for, so no moment exists at which a killed `lab up` leaves one unrecorded.
# shellcheck shell=bash

RUN=$DIR/run
LOGS=$DIR/log

# start_time PID: in clock ticks since boot; fails when the process is gone, or dead and not yet waited for.
start_time() {
  local stat
  local -a fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # "pid (name) state ...": the name may hold anything, so what counts stands after the last ')'.
  read -ra fields <<<"${stat##*) }"
  case ${fields[0]} in Z | X) return 1 ;; esac
  echo "${fields[19]}"
}

# pid_of NAME: the pid of a living process; fails otherwise.
pid_of() {
  local pid start boot
  { read -r pid start boot <"$RUN/$1.pid"; } 2>/dev/null || return 1
  [ "$boot" = "$(</proc/sys/kernel/random/boot_id)" ] && [ "$(start_time "$pid")" = "$start" ] || return 1
  echo "$pid"
}

is_alive() { pid_of "$1" >/dev/null; }

# until_true SECONDS COMMAND...: repeats the command until it succeeds; fails when the time is over.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

is_gone() { ! is_alive "$1"; }

# end_process NAME TERM|KILL: one that does not heed SIGTERM within ten seconds is killed (kube-apiserver drains watches for up to a minute).
end_process() {
  local pid
  if pid=$(pid_of "$1"); then
    kill "-$2" "$pid" 2>/dev/null || true
    until_true 10 is_gone "$1" || kill -KILL "$pid" 2>/dev/null || true
    until_true 10 is_gone "$1" || fail "process $pid ($1) does not end, not even by SIGKILL"
  fi
  rm -f "$RUN/$1.pid"
}

# wait_for NAME SECONDS WHAT COMMAND...: until the command succeeds; fails at once when process NAME has ended.
wait_for() {
  local name=$1 seconds=$2 what=$3
  shift 3
  or_dead() { "$@" || is_gone "$name"; }
  until_true "$seconds" or_dead "$@" || fail "waited $seconds s in vain for $what; see \`lab logs $name\`"
  is_alive "$name" || fail "$name has ended before $what: $(tail -n 5 "$LOGS/$name.log" 2>/dev/null)"
}

# One verb that changes the lab runs at a time. Every process that it starts holds the lock's file open (as fd 9) until it is recorded or has ended:
# when nobody does any more, nothing of a killed `lab up` is still at work.
LOCK=$DIR/lock

lock() {
  [ ! -e "$DIR" ] || [ -e "$LOCK" ] || [ -z "$(ls -A "$DIR")" ] || fail "$DIR is not a lab's folder and not empty; set SIGNET_LAB_DIR to another"
  mkdir -p "$DIR"
  exec 9>>"$LOCK"
  flock -w "$1" 9
}

# Those that hold the lock's file open, but for this shell.
lock_holders() {
  local fd pid
  for fd in /proc/[0-9]*/fd/9; do
    pid=${fd#/proc/}
    pid=${pid%%/*}
    if [ "$pid" != "$$" ] && [ "$pid" != "$BASHPID" ] && [ "$fd" -ef "$LOCK" ]; then echo "$pid"; fi
  done
}
