#!/usr/bin/env bash
# Writes docs/settings.md from the options classes and docs/routes.md from the services' OpenAPI documents, below their mark.
# A test fails while the pages are not what this writes. Needs neither Postgres nor Redis.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh

dotnet msbuild Tests -restore -nologo -verbosity:quiet
WRITE_DOCS=1 dotnet Tests/bin/Debug/net10.0/Tests.dll -noLogo -noColor -class '*.GeneratedPagesTests' < /dev/null
