#!/usr/bin/env bash
# Publishes the services and runs the stack as it is deployed, with nginx in front and two replicas of each service, through a
# rolling restart under load: Tests/EndToEnd/ProductionTests.cs. Linux only, as root: a network of its own has a public address.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh

[ "$(id -u)" = 0 ] || fail 'this needs root, for a network of its own'
have unshare && have ip || fail 'unshare (util-linux) and ip (iproute2) are missing'
have nginx || {
  have apt-get || fail 'nginx is missing'
  say 'Installing nginx...'
  sh eng/apt-install.sh nginx-light > /dev/null
}

output=$PWD/.tools/production
rm -rf "$output"
for service in Receiver Worker Sender; do
  say "Publishing $service..."
  dotnet publish "$service" -c Release -o "$output/$service" -p:RunAnalyzers=false -nologo -verbosity:quiet
done
dotnet msbuild Tests -restore -p:RunAnalyzers=false -nologo -verbosity:quiet

# An address of no use to anybody here: in this network there is nothing but this machine's own processes.
export PRODUCTION_OUTPUT=$output
exec unshare --net sh -c '
  ip link set lo up
  ip address add 93.184.215.14/32 dev lo
  exec dotnet Tests/bin/Debug/net10.0/Tests.dll -noLogo -noColor -explicit only -showLiveOutput -class "*.ProductionTests" < /dev/null'
