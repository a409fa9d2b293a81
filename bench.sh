#!/usr/bin/env bash
# Measures ours beside peers and writes docs/BENCHMARKS.md. Usage: ./bench.sh [PART...] [OPTION...]; all parts without one.
# `./bench.sh --help` lists parts, `./bench.sh accept --help` the options. Parts that are not run keep what they found last.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

parts=() options=()
for argument in "$@"; do
  # What follows the first option belongs to the options.
  if [ ${#options[@]} -eq 0 ] && [ "${argument#-}" = "$argument" ]; then parts+=("$argument"); else options+=("$argument"); fi
done
case " ${parts[*]-} ${options[*]-} " in
  *' --help '*) ;;
  *) [ ${#parts[@]} -gt 0 ] || parts=(all) ;;
esac

say "Building..."
dotnet msbuild Bench -restore -nologo -verbosity:minimal -property:Configuration=Release
program=(dotnet Bench/bin/Release/net10.0/Bench.dll)
if [ ${#parts[@]} -eq 0 ]; then exec "${program[@]}" "${options[@]}"; fi

# Peers are measured where they can be had; without one the rest is measured alone.
install_peers() {
  local folder=Bench/peers
  if have npm && [ ! "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ]; then
    say "Installing the npm packages of $folder..."
    within 300 npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error --fetch-retries=1 ||
      say "Measuring without peers on Node: npm could not install them."
  fi
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import fastapi, uvicorn, aiosqlite' 2> /dev/null; then return; fi
  done
  if have apt-get && [ "$(id -u)" = 0 ]; then
    sh eng/apt-install.sh python3-fastapi python3-uvicorn python3-aiosqlite > /dev/null 2>&1 && return
  fi
  say "Measuring without FastAPI: install fastapi, uvicorn and aiosqlite for python3 (Debian: apt-get install python3-fastapi" \
    "python3-uvicorn python3-aiosqlite)."
}
case " ${options[*]-} " in
  *' --no-peers '* | *' --smoke '* | *' --help '*) ;;
  *) install_peers ;;
esac

# Thousands of connections are thousands of open files.
ulimit -n "$(ulimit -Hn)" 2> /dev/null || true
for part in "${parts[@]}"; do
  "${program[@]}" "$part" ${options[@]+"${options[@]}"}
done
