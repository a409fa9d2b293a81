#!/usr/bin/env bash
# Starts the whole stack in the foreground; Ctrl-C stops it. Arguments go to the AppHost.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

eng/setup.sh

for service in Receiver:5101 Sender:5102 Worker:5103; do
  if port_in_use "${service#*:}"; then
    fail "port ${service#*:}, the ${service%:*}'s, is in use: stop what listens there (another run.sh?)"
  fi
done

say "Building..."
dotnet msbuild AppHost -restore -nologo -verbosity:minimal

if aspire_packages; then
  exec dotnet run --project AppHost --no-build -- "$@"
fi
# No `dotnet run` in between: were it killed, the host would live on.
export DOTNET_ENVIRONMENT="${DOTNET_ENVIRONMENT:-Development}"
exec dotnet AppHost/bin/Debug/net10.0/AppHost.dll "$@"
