#!/usr/bin/env bash
# Mutation tests: changes the code of a room in many ways, one at a time, and lists the changes that no unit test notices.
# Without arguments, all rooms; otherwise those named. docs/testing.md explains the survivors. Reports go to .tools/mutation.
#
#   eng/mutate.sh signing schedule
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh

root=$PWD

# A property tries thousands of values, and Stryker would repeat it for each mutant.
without_properties() { (cd Tests && find "$1" -name '*.cs' ! -name '*Property*'); }

# room NAME: sets the project that is mutated, its files, and the tests that run, as patterns in Tests.
room() {
  case $1 in
    signing)
      project=Webhooks files='**/Signing/*.cs' tests=$(without_properties Unit/Signing) ;;
    schedule)
      project=Sender files='**/Delivery/DeliveryRetry.cs **/Delivery/DeliverySchedule.cs'
      tests=Unit/Sender/DeliveryRetryTests.cs ;;
    circuit)
      project=Sender files='**/Endpoints/EndpointCircuit.cs **/Endpoints/EndpointPace.cs'
      tests='Unit/Sender/CircuitHoldTests.cs Unit/Sender/EndpointPaceTests.cs' ;;
    egress)
      project=Webhooks files='**/Egress/*.cs' tests=$(without_properties Unit/Egress) ;;
    queue)
      project=Webhooks
      files='**/Queue/RetrySchedule.cs **/Queue/JobLimit.cs **/Queue/JobOutcome.cs **/Queue/JobBuffer.cs **/Queue/BufferSide.cs'
      tests='Unit/Queue/JobBufferTests.cs Unit/Queue/JobLimitTests.cs Unit/Queue/JobOutcomeTests.cs
        Unit/Queue/RetryScheduleTests.cs Unit/Queue/JobSignalTests.cs Integration/Queue/ScriptedHandler.cs' ;;
    *)
      fail "There is no room '$1'. Rooms: $all" ;;
  esac
}

mutate() {
  room "$1"
  say "Mutating $1"
  local patterns=()
  for file in $files; do patterns+=(--mutate "$file"); done
  local sources
  sources=$(printf '../../Tests/%s;' $tests)
  (cd eng/mutation && MutationTests=$sources within "${MUTATION_SECONDS:-900}" nice -n 19 dotnet stryker \
    --config-file stryker-config.json --project "$project.csproj" --skip-version-check \
    --output "$root/.tools/mutation/$1" "${patterns[@]}" < /dev/null)
}

all='signing schedule circuit egress queue'
set -f
dotnet tool restore > /dev/null
for name in ${@:-$all}; do mutate "$name"; done
