#!/bin/sh
# Compare a change with the main line by runs in turns, as a gate for pull requests.
set -eu

usage() {
    cat <<'END'
Usage: gate.sh PLAN [OPTION OF wedload run]…

Drives PLAN against the main line and against a change in turns, A B A B …, so
that a machine that is slow at times is so for both, and compares the two.

Either two deployments:
  MAIN_URL, CHANGE_URL      base URLs
Or two commands, each of which is started for each of its runs alone:
  MAIN_START, CHANGE_START  shell commands that serve in the foreground
  URL                       where both of them serve
  READY                     a command that succeeds once they do (default: curl)
  READY_S                   how long that may take (default: 60)

Environment:
  TARGET    the target of the plan whose base_url is set (default: local)
  RUNS      runs a side (default: 5, the fewest that tell how much runs differ)
  MARGIN    what durations may grow by (default: 5%)
  OUT       folder of results (default: load-gate/TIME)
  RETRIES   invalid runs that are repeated, in total (default: 2)
  WEDLOAD   the command (default: wedload)

OUT then holds main/, change/, comparison.txt, comparison.md (for the pull
request), comparison.xml (JUnit) and log.txt.

Exit codes: 0 no regression; 1 a regression, or benchmarks that only the change
missed; 2 arguments or plan wrong; 3 inconclusive, not comparable, or too many
invalid runs; 4 failed or interrupted.
END
}

case ${1:-} in -h | --help) usage && exit 0 ;; esac
# shellcheck source=scripts/load-testing/shared.sh
. "$(dirname "$0")/shared.sh"

[ $# -ge 1 ] || wrong "no plan was given"
plan=$1
shift
WEDLOAD=${WEDLOAD:-wedload} RUNS=${RUNS:-5} MARGIN=${MARGIN:-5%} RETRIES=${RETRIES:-2}
TARGET=${TARGET:-local} OUT=${OUT:-load-gate/$(date -u '+%Y%m%dT%H%M%SZ')}
MAIN_START=${MAIN_START:-} CHANGE_START=${CHANGE_START:-} READY_S=${READY_S:-60}
[ -f "$plan" ] || wrong "the plan $plan does not exist"
require_number RUNS "$RUNS"
require_margin "$MARGIN"
require_number READY_S "$READY_S"
require_count RETRIES "$RETRIES"
require_command "$WEDLOAD"
if [ -n "$MAIN_START" ] || [ -n "$CHANGE_START" ]; then
    if [ -z "$MAIN_START" ] || [ -z "$CHANGE_START" ]; then
        wrong "set both MAIN_START and CHANGE_START"
    fi
    [ -n "${URL:-}" ] || wrong "set URL to where the commands serve"
    MAIN_URL=$URL CHANGE_URL=$URL
    if [ -z "${READY:-}" ]; then
        command -v curl >/dev/null 2>&1 || wrong "set READY: there is no curl to ask $URL with"
    fi
elif [ -z "${MAIN_URL:-}" ] || [ -z "${CHANGE_URL:-}" ]; then
    wrong "set MAIN_URL and CHANGE_URL, or MAIN_START, CHANGE_START and URL"
fi
mkdir -p "$OUT" || wrong "OUT=$OUT cannot be made"
for side in main change invalid; do
    mkdir "$OUT/$side" 2>/dev/null || wrong "OUT=$OUT holds results already; give another folder"
done
log=$OUT/log.txt
status=4 server=

# shellcheck disable=SC2317 # called by a trap
finish() {
    trap - EXIT
    trap '' INT TERM HUP
    stop_server
    tell "exit code $status: $OUT"
    exit "$status"
}

end() {
    status=$1
    exit "$status"
}

is_ready() {
    if [ -n "${READY:-}" ]; then sh -c "$READY"; else curl -fsS -o /dev/null "$URL"; fi
}

start_server() {
    # COMMAND: returns once it answers. It must not outlive us: exec, so that it is our child itself.
    [ -n "$1" ] || return 0
    sh -c "exec $1" >>"$OUT/server.log" 2>&1 &
    server=$!
    waited=0
    until is_ready >/dev/null 2>&1; do
        kill -0 "$server" 2>/dev/null || { tell "it ended before it was ready: $1 (see $OUT/server.log)"; end 4; }
        [ "$waited" -lt "$READY_S" ] || { tell "not ready within $READY_S s: $1"; end 4; }
        [ -z "$stopped" ] || end 4
        sleep 1
        waited=$((waited + 1))
    done
}

stop_server() {
    [ -n "$server" ] || return 0
    kill -TERM "$server" 2>/dev/null || :
    waited=0
    while kill -0 "$server" 2>/dev/null && [ "$waited" -lt 10 ]; do
        sleep 1
        waited=$((waited + 1))
    done
    kill -KILL "$server" 2>/dev/null || :
    wait "$server" 2>/dev/null || :
    server=
}

run_side() {
    # SIDE NUMBER URL START [OPTION…]: until the run is valid, or too many were not.
    side=$1 number=$2 url=$3 start=$4
    shift 4
    while :; do
        say "$side, run $number of $RUNS"
        result=$OUT/$side/$number.json
        start_server "$start"
        code=0
        run_plan "$plan" "$result" --target "$TARGET" --set "targets.$TARGET.base_url=$url" "$@" || code=$?
        stop_server
        [ -z "$stopped" ] || end 4
        case $code in
        0) return ;;
        1) eval "missed_$side=\$((missed_$side + 1))" && return ;;
        2) end 2 ;;
        3) ;;
        *) end 4 ;;
        esac
        mv "$result" "$OUT/invalid/$side-$number-$retried.json" || :
        [ "$retried" -lt "$RETRIES" ] || { tell "too many runs were invalid; see $OUT/invalid"; end 3; }
        retried=$((retried + 1))
        say "the run was invalid; once more"
    done
}

compare_sides() {
    # Sets code.
    set -- "$WEDLOAD" compare "$OUT/main" "$OUT/change" --margin "$MARGIN"
    "$@" --format markdown -o "$OUT/comparison.md" >/dev/null 2>>"$log" || :
    "$@" --format junit -o "$OUT/comparison.xml" >/dev/null 2>>"$log" || :
    code=0
    "$@" >"$OUT/comparison.txt" 2>>"$log" || code=$?
    cat "$OUT/comparison.txt" >>"$log"
    cat "$OUT/comparison.txt"
}

trap finish EXIT
forward_signals
missed_main=0 missed_change=0 retried=0 turn=1
while [ "$turn" -le "$RUNS" ]; do
    run_side main "$turn" "$MAIN_URL" "$MAIN_START" "$@"
    run_side change "$turn" "$CHANGE_URL" "$CHANGE_START" "$@"
    turn=$((turn + 1))
done
compare_sides
tell "benchmarks missed: main in $missed_main of $RUNS runs, change in $missed_change"
case $code in
0 | 3) if [ "$missed_main" -eq 0 ] && [ "$missed_change" -gt 0 ]; then code=1; fi ;;
1) ;;
*) code=4 ;;
esac
end "$code"
