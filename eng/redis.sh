#!/bin/sh
# Runs Redis in the foreground on 127.0.0.1, with its data in DATA_DIRECTORY/redis.
#
# Environment: DATA_DIRECTORY, REDIS_PORT, REDIS_PASSWORD. The process that answers to this script's pid is the server.
set -eu

fail() { echo "$1" >&2; exit 1; }

: "${DATA_DIRECTORY:?}" "${REDIS_PORT:?}" "${REDIS_PASSWORD:?}"
umask 077
data=$DATA_DIRECTORY/redis
mkdir -p "$data"

bin=
for candidate in "$(command -v redis-server || command -v valkey-server || true)" \
  /opt/homebrew/bin/redis-server /usr/local/bin/redis-server; do
  if [ -n "$candidate" ] && [ -x "$candidate" ]; then bin=$candidate; break; fi
done
[ -n "$bin" ] || fail "No Redis server found. Install it (Debian: apt-get install redis-server; macOS: brew install redis), or start Docker or Podman."

if command -v flock >/dev/null; then
  exec 9>"$data.lock"
  flock -w 2 9 || fail "Another host uses the data in $DATA_DIRECTORY. Stop it, or set Data__Directory to another folder."
fi

# The configuration comes over stdin: a password on the command line shows in ps.
port=$REDIS_PORT password=$(printf '%s' "$REDIS_PASSWORD" | sed 's/[\\"]/\\&/g')
unset REDIS_PASSWORD
exec "$bin" - <<END
bind 127.0.0.1
port $port
requirepass "$password"
dir "$data"
appendonly yes
END
