# Sees to it that nothing outlives whoever started it, even when that one dies by SIGKILL. Is told on standard input which processes
# run (+123) and which have ended (-123); when its input ends, it asks those that are left to stop (SIGTERM), and kills them
# after eight seconds. A shell, since a second Node would take twenty times the memory only to wait.
trap '' INT TERM HUP
running=
while read -r line; do
  pid=${line#?}
  case $line in
  +*) running="$running $pid" ;;
  -*)
    rest=
    for other in $running; do [ "$other" = "$pid" ] || rest="$rest $other"; done
    running=$rest
    ;;
  esac
done

for pid in $running; do kill -TERM "$pid" 2>/dev/null; done
tries=80
while [ -n "$running" ] && [ "$tries" -gt 0 ]; do
  sleep 0.1
  tries=$((tries - 1))
  rest=
  for pid in $running; do kill -0 "$pid" 2>/dev/null && rest="$rest $pid"; done
  running=$rest
done
for pid in $running; do kill -KILL "$pid" 2>/dev/null; done
