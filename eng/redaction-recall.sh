#!/usr/bin/env bash
# Measures redaction on texts that are kept elsewhere: what it finds, and what it takes out without need, for each file and rule.
# Usage: eng/redaction-recall.sh FOLDER [--show N]
# In FOLDER, each line of a *.tsv file is a secret, a tab and a text with it; \n, \r, \t and \\ are escapes of the text. All other
# files hold no secrets: JSON, XML and YAML files are one text each, of others each line is one.
set -euo pipefail
[ $# -gt 0 ] && [ -d "$1" ] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
folder="$(cd "$1" && pwd)"
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh

dotnet msbuild Bench -restore -nologo -verbosity:quiet -property:Configuration=Release
exec dotnet Bench/bin/Release/net10.0/Bench.dll recall "$folder" "$@"
