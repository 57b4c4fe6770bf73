# Ends what a world leaves behind, whatever way the world's own process ends, kill -9 included: standard input is a pipe
# from that process, and its end is that process's end.
#   $1      the world's folder, removed at the end
#   +PID    a process was started
#   -PID    it has ended
#   keep    leave the folder's logs
# A terminal's Ctrl-C reaches the whole process group; the order of ending is the world's affair.
trap '' INT TERM HUP
pids=
keep=
folder=$1
while read -r word; do
  case $word in
    +*) pids="$pids ${word#+}" ;;
    -*)
      rest=
      for pid in $pids; do [ "$pid" = "${word#-}" ] || rest="$rest $pid"; done
      pids=$rest
      ;;
    keep) keep=yes ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
clean() {
  [ -n "$keep" ] || { rm -rf "$folder"; return; }
  for entry in "$folder"/*; do
    [ "$entry" = "$folder/logs" ] || rm -rf "$entry" || return
  done
}
for again in 1 2 3; do clean && exit 0; sleep 1; done
exit 1
