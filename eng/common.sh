# shellcheck shell=bash
# What setup.sh, run.sh and test.sh share. Written for bash 3.2, the one that macOS has.

# Build servers would outlive the command that started them.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0
export DOTNET_NOLOGO=1

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" > /dev/null 2>&1; }

# within SECONDS COMMAND...: perl first, because GNU timeout takes the command out of Ctrl-C's reach and macOS has none.
within() {
  if have perl; then perl -e 'alarm shift; exec @ARGV' "$@"; else timeout "$@"; fi
}
