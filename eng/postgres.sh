#!/bin/sh
# Runs PostgreSQL in the foreground on 127.0.0.1, with its data in DATA_DIRECTORY/postgres.
#
# Environment: DATA_DIRECTORY, POSTGRES_PORT, POSTGRES_PASSWORD; POSTGRES_OPTIONS, more of the server's own (-c name=value).
# Stop it with SIGINT (PostgreSQL's fast shutdown).
# The process that answers to this script's pid is the server itself, so that a signal to it is never lost in a shell.
set -eu

fail() { echo "$1" >&2; exit 1; }

: "${DATA_DIRECTORY:?}" "${POSTGRES_PORT:?}" "${POSTGRES_PASSWORD:?}"
data=$DATA_DIRECTORY/postgres
umask 077
mkdir -p "$DATA_DIRECTORY"

# The data names the version that it needs; new data takes the newest one found.
wanted=$(cat "$data/PG_VERSION" 2>/dev/null || true)
bin=
for candidate in \
  $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
    /opt/homebrew/bin /usr/local/bin 2>/dev/null | sort -t/ -k4 -V -r) \
  $(command -v postgres 2>/dev/null | xargs -r dirname); do
  [ -x "$candidate/postgres" ] && [ -x "$candidate/initdb" ] || continue
  version=$("$candidate/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  if [ -z "$wanted" ] || [ "$version" = "$wanted" ]; then bin=$candidate; break; fi
done
[ -n "$bin" ] || fail "No PostgreSQL ${wanted:+$wanted }server found${wanted:+ (the data in $data needs it)}. Install it (Debian: apt-get install postgresql; macOS: brew install postgresql@17), or start Docker or Podman."

# The lock goes with the server and each of its children: held means that some part of an earlier server still runs, and
# free means that a postmaster.pid left by a killed one is stale whatever its number means now.
if command -v flock >/dev/null; then
  exec 9>"$data.lock"
  flock -w 2 9 || fail "Another host uses the data in $DATA_DIRECTORY. Stop it, or set Data__Directory to another folder."
  rm -f "$data/postmaster.pid"
fi

# PostgreSQL refuses to be root. setpriv replaces itself, which keeps the pid.
as=
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || fail "PostgreSQL refuses to run as root and there is no user 'postgres'. Create it, or run as another user."
  as="setpriv --reuid=postgres --regid=postgres --init-groups --no-new-privs"
  chmod 711 "$DATA_DIRECTORY"
  # A closed folder above ours (root's home, a temporary one) must not keep the server out of its own data.
  reaches() { $as sh -c 'cd "$1"' sh "$DATA_DIRECTORY" 2>/dev/null; }
  if ! reaches; then
    as="$as --inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
    reaches ||
      fail "The user 'postgres' cannot reach $DATA_DIRECTORY. Set Data__Directory to a folder that it can reach."
  fi
fi
mine() { if [ -n "$as" ]; then chown -R postgres "$1"; fi; }

# Statements for a server that nobody else can reach, over stdin so that no password shows in ps.
single() { $as "$bin/postgres" --single -D "$1" template1 >/dev/null 2>"$data.log" || { cat "$data.log" >&2; exit 1; }; }

cd /
if [ -z "$wanted" ]; then
  echo "Creating the database in $data"
  rm -rf "$data.new"
  mkdir "$data.new"
  mine "$data.new"
  $as "$bin/initdb" -D "$data.new" --username=postgres --encoding=UTF8 --locale=C --auth=trust >"$data.log" 2>&1 ||
    { cat "$data.log" >&2; exit 1; }
  echo "host all all 127.0.0.1/32 scram-sha-256" >"$data.new/pg_hba.conf"
  echo "CREATE DATABASE webhooks" | single "$data.new"
  # The last step of creation: data under its final name is whole.
  mv "$data.new" "$data"
fi

# At each start: a password that was made anew (a deleted .env) is simply the password from then on.
quoted=$(printf '%s' "$POSTGRES_PASSWORD" | sed "s/'/''/g")
echo "ALTER USER postgres PASSWORD '$quoted'" | single "$data"

unset POSTGRES_PASSWORD quoted
# A process of ours keeps up to 30 connections: three services and a few MCP servers do not fit into the default of 100.
# In the log, the details of an error would show what was in the row that caused it.
exec $as "$bin/postgres" -D "$data" -p "$POSTGRES_PORT" -c max_connections=300 -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c log_error_verbosity=terse ${POSTGRES_OPTIONS:-}
