#!/bin/sh
# Stops what a killed host leaves behind. Reads "+ PID SIGNAL" when a process starts and "- PID" when it has ended; the
# end of the input is the end of the host, however it came. Stops the newest first, as the host does.

# A signal to the host's process group must not end the one that cleans up after it.
trap '' INT TERM HUP
if [ -z "${WATCHDOG_APART:-}" ] && command -v setsid >/dev/null; then WATCHDOG_APART=1 exec setsid sh "$0" "$@"; fi
grace=$1

# One that has ended stays listed until init collects it, which can take seconds.
runs() { kill -0 "$1" 2>/dev/null && ! grep -qs '^State:.Z' "/proc/$1/status"; }

children=
while read -r change pid signal; do
  others=
  for child in $children; do
    [ "${child%:*}" = "$pid" ] || others="$others $child"
  done
  case $change in
    +) children="$pid:$signal $others" ;;
    -) children=$others ;;
  esac
done

for child in $children; do
  pid=${child%:*}
  kill -s "${child#*:}" -- "-$pid" 2>/dev/null || kill -s "${child#*:}" "$pid" 2>/dev/null || continue
  tenths=0
  while [ "$tenths" -lt $((grace * 10)) ] && runs "$pid"; do
    sleep 0.1
    tenths=$((tenths + 1))
  done
  kill -s KILL -- "-$pid" 2>/dev/null
done
exit 0
