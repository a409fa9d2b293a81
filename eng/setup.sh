#!/usr/bin/env bash
# Does what a fresh machine needs before the first build; run.sh and test.sh call it each time.
# usage: eng/setup.sh [--tests]      --tests: also what only the tests need
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh

tests=false
for argument in "$@"; do
  case $argument in
    --tests) tests=true ;;
    *) fail "eng/setup.sh does not know '$argument'; usage: eng/setup.sh [--tests]" ;;
  esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check_sdk() {
  local remedy='install the package dotnet-sdk-10.0, or see https://dot.net'
  have dotnet || fail "the .NET SDK 10 is missing; $remedy"
  dotnet --version > /dev/null 2>&1 ||
    fail "the .NET SDK 10 is missing (there is: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' -)); $remedy"
}

container_runtime_runs() {
  { have docker && within 10 docker info > /dev/null 2>&1; } || { have podman && within 10 podman info > /dev/null 2>&1; }
}

have_postgres() {
  local binary
  for binary in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres \
    {/opt/homebrew,/usr/local,/home/linuxbrew/.linuxbrew}/opt/postgresql*/bin/postgres; do
    [ -x "$binary" ] && return
  done
  return 1
}

# Sets as_root to the command that runs others as root; fails when there is none that asks for no password.
become_root() {
  as_root=()
  [ "$(id -u)" = 0 ] && return
  have sudo && sudo -n true 2> /dev/null && as_root=(sudo -n)
}

find_stores() {
  if container_runtime_runs; then return; fi

  local missing=()
  have_postgres || missing+=(PostgreSQL)
  have redis-server || missing+=(Redis)
  [ ${#missing[@]} -gt 0 ] && install_stores "${missing[@]}"
  return 0
}

install_stores() {
  local manager='' postgres=postgresql redis=redis command packages=() name
  for name in apt-get dnf apk pacman brew; do
    if have $name; then manager=$name && break; fi
  done
  case $manager in
    apt-get) command='apt-get install' redis=redis-server ;;
    dnf) command='dnf install' postgres=postgresql-server ;;
    apk) command='apk add' ;;
    pacman) command='pacman -S' redis=valkey ;;
    brew) command='brew install' postgres=postgresql@17 ;;
  esac
  for name in "$@"; do
    if [ "$name" = PostgreSQL ]; then packages+=("$postgres"); else packages+=("$redis"); fi
  done

  local lacking="missing: $*" remedy="install PostgreSQL 15 or newer and Redis 6 or newer"
  [ -z "$manager" ] || remedy="install with '$command ${packages[*]}'"
  remedy="$remedy, or start Docker or Podman"

  local as_root=()
  [ "$manager" = brew ] || become_root || manager=''
  [ -n "$manager" ] || fail "$lacking; $remedy"

  say "Installing ${packages[*]} with $manager..."
  case $manager in
    apt-get) set -- sh eng/apt-install.sh "${packages[@]}" ;;
    dnf) set -- dnf install -y -q "${packages[@]}" ;;
    apk) set -- apk add -q "${packages[@]}" ;;
    pacman) set -- pacman -S --noconfirm --needed "${packages[@]}" ;;
    brew) set -- brew install -q "${packages[@]}" ;;
  esac
  # bash 3.2 takes the expansion of an empty array for an unset variable.
  ${as_root[@]+"${as_root[@]}"} "$@" > "$scratch/install" 2>&1 < /dev/null || {
    tail -n 5 "$scratch/install" >&2
    fail "$lacking; $manager failed (above); $remedy"
  }
  { have_postgres && have redis-server; } || fail "$lacking also after '$command ${packages[*]}'; put them on PATH"
}

npm_error() { grep -m 1 'npm error' "$scratch/npm" || printf 'no answer in time'; }

hex() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

new_secret() {
  case $1 in
    WEBHOOK_SECRET_STANDARD) printf 'whsec_%s' "$(head -c 32 /dev/urandom | base64 | tr -d '\n')" ;;
    # Discord's is an Ed25519 public key; with the private one both ends can be played.
    WEBHOOK_SECRET_DISCORD) printf 'whsk_%s' "$(head -c 32 /dev/urandom | base64 | tr -d '\n')" ;;
    *) hex ;;
  esac
}

# Appends what a newer version asks for; what is there stays as it is.
write_secrets() {
  local key value lines=''
  for key in WEBHOOK_SECRET \
    WEBHOOK_SECRET_{GITHUB,STRIPE,SLACK,SHOPIFY,TWILIO,STANDARD,DISCORD,PADDLE,SQUARE,META,GENERIC,MESSAGES,AGENT,PROVIDER} \
    WEBHOOK_VERIFY_TOKEN_META {POSTGRES,REDIS}_PASSWORD; do
    grep -q "^$key=" .env 2> /dev/null && continue
    value=${!key:-$(new_secret "$key")}
    case $value in *$'\n'*) fail "$key must be one line" ;; esac
    lines="$lines$key=$value"$'\n'
  done
  [ -n "$lines" ] || return 0

  if [ -f .env ]; then
    [ -z "$(tail -c 1 .env)" ] || lines=$'\n'$lines
    printf '%s' "$lines" >> .env
    say "Added missing secrets to .env."
    return
  fi
  mkdir -p .tools
  local whole
  whole=$(umask 077 && mktemp .tools/env.XXXXXX)
  printf '%s' "$lines" > "$whole"
  # A link, not a move: of two set-ups at once, the second must not replace the first one's secrets.
  if ln "$whole" .env 2> /dev/null; then say "Created .env with random secrets."; fi
  rm -f "$whole"
}

install_interop() {
  local folder=Tests/Interop version
  [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
  local without="Skipping the tests against npm's webhook libraries:"
  version=$(node --version 2> /dev/null) || version=v0
  version=${version#v}
  if [ "${version%%.*}" -lt 20 ] || ! have npm; then
    say "$without Node 20 or newer with npm is missing."
    return
  fi
  say "Installing the npm packages of $folder..."
  within 300 npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error --fetch-retries=1 > "$scratch/npm" 2>&1 ||
    say "$without npm could not install them ($(npm_error))."
}

# Installs what some tests need, which are skipped without: a browser for the Console's pages, Prometheus for its alerts.
install_for_tests() {
  local packages=() as_root
  have chromium || have chromium-browser || have google-chrome || packages+=(chromium)
  have prometheus && have promtool || packages+=(prometheus)
  [ ${#packages[@]} != 0 ] || return 0
  local without="Skipping the tests with ${packages[*]}"
  have apt-get || { say "$without: there is no apt-get."; return; }
  become_root || { say "$without ('apt-get install ${packages[*]}')."; return; }
  say "Installing ${packages[*]} with apt-get..."
  ${as_root[@]+"${as_root[@]}"} sh eng/apt-install.sh "${packages[@]}" > "$scratch/apt" 2>&1 < /dev/null ||
    say "$without: apt-get could not install them ($(tail -n 1 "$scratch/apt"))."
}

check_sdk
find_stores
write_secrets
if $tests; then install_interop; install_for_tests; fi
