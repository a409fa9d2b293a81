#!/usr/bin/env bash
# Runs all tests; the last line is the count. Arguments go to the runner, e.g. -class '*Signing*' (all: ./test.sh -?).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

# The last line is promised however this ends.
finish() {
  say "$1"
  exit 1
}

eng/setup.sh --tests || finish '0 passed, 1 failed'
say "Building..."
# Optimised, since what tests do most is redact, verify and parse: without, they take twice the time.
dotnet msbuild Tests -restore -nologo -verbosity:minimal -p:Optimize=true || finish '0 passed, 1 failed'

mkdir -p TestResults
report=TestResults/tests.xml
rm -f "$report"
colour=()
[ -t 1 ] || colour=(-noColor)

# Job control and a trap, so that a signal to this script alone ends the runner and what it started; without job control
# a background process, and whatever the tests start, would ignore Ctrl-C.
set -m
# 200 services start in a run and live for seconds, in processes of their own or in that of the tests. Each spends a tenth of its
# start on changing the protection of its pages, and a quarter of the tests' processor time goes into measuring what to optimise.
export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredPGO=0
dotnet Tests/bin/Debug/net10.0/Tests.dll -noLogo -verbose ${colour[@]+"${colour[@]}"} -xml "$report" "$@" < /dev/null &
runner=$!
set +m
trap 'kill -- "-$runner" 2> /dev/null || true' INT TERM
status=0
wait "$runner" || status=$?
while kill -0 "$runner" 2> /dev/null; do wait "$runner" || status=$?; done

# A runner that died has left no report, or half of one: then nothing is counted.
count() {
  { grep -o '<assembly [^>]*>' "$report" 2> /dev/null || true; } | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"
}
passed=$(count passed) failed=$(count failed) errors=$(count errors) skipped=$(count skipped)
passed=${passed:-0} failed=$((${failed:-0} + ${errors:-0})) skipped=${skipped:-0}

if [ $((passed + failed + skipped)) -eq 0 ]; then
  say "No test finished."
  [ $status -ne 0 ] || status=1
fi
# Something went wrong that no test tells.
if [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi

# Above the last line, so that nobody has to search the log for them.
if [ "$failed" -gt 0 ] && [ -e "$report" ]; then
  perl -0777 -ne '
    while (/<test ([^>]*)result="Fail"[^>]*>(.*?)<\/test>/gs) {
      my ($head, $body) = ($1, $2);
      print "FAILED $1\n" if $head =~ /\bname="([^"]*)"/;
      while ($body =~ /<(message|stack-trace)>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?<\/\1>/gs) {
        print substr($2, 0, 2000) =~ s/^/  /gmr, "\n";
      }
    }' "$report" || true
fi

line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
say "$line"
exit $status
