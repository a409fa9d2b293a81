#!/bin/sh
# Installs Debian packages (arguments) as root, without the services that they bring: the AppHost runs stores of its own.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d
own_policy=false

clean_up() {
  rm -f "$clusters/aspire-webhooks.conf"
  rmdir "$clusters" 2> /dev/null || true
  if $own_policy; then rm -f "$policy"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# 101 is "forbidden": maintainer scripts then start nothing.
if [ ! -e "$policy" ]; then
  own_policy=true
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
mkdir -p "$clusters"
echo 'create_main_cluster = false' > "$clusters/aspire-webhooks.conf"

apt-get update -q
apt-get install -q -y --no-install-recommends "$@"

for package in "$@"; do
  case $package in redis-server | prometheus) update-rc.d "$package" disable ;; esac
done
