#!/usr/bin/env bash
# Starts the whole stack in the foreground; Ctrl-C stops it. Arguments go to the AppHost.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

eng/setup.sh
say "Building..."
dotnet msbuild AppHost -restore -nologo -verbosity:minimal
exec dotnet run --project AppHost --no-build -- "$@"
