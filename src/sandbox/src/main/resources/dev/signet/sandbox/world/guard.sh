# Ends what a world leaves behind, whatever way the world's own process ends, kill -9 included: standard input is a pipe
# from that process, and its end is that process's end.
#   $1      the world's folder, removed at the end
#   +PID    a process was started
#   -PID    it has ended
#   keep    leave the folder
# A terminal's Ctrl-C reaches the whole process group; the order of ending is the world's affair.
trap '' INT TERM HUP
pids=
folder=$1
while read -r word; do
  case $word in
    +*) pids="$pids ${word#+}" ;;
    -*)
      rest=
      for pid in $pids; do [ "$pid" = "${word#-}" ] || rest="$rest $pid"; done
      pids=$rest
      ;;
    keep) folder= ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
[ -n "$folder" ] || exit 0
for again in 1 2 3; do rm -rf "$folder" && exit 0; sleep 1; done
exit 1
