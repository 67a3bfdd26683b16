#!/bin/sh
# Run a plan for hours, look at it now and then, and keep what it found whatever happens.
set -eu

usage() {
    cat <<'END'
Usage: soak.sh PLAN [OPTION OF wedload run]…

Runs PLAN once, for as long as it says, and is judged by its benchmark table:
give rows a window, so that an hour that got slow is not lost in the average of
a night. Meanwhile memory is looked at.

Environment:
  OUT       folder of what it finds (default: load-soak/TIME)
  EVERY_S   seconds between looks (default: 3600)
  PIDS      processes of the target on this machine to watch, with spaces
            between them
  WEDLOAD   the command (default: wedload)

OUT then holds result.json, load.csv, log.txt and memory.csv (time, pid, kB). A
soak that is cut off leaves result.json.partial, which `wedload report` reads;
Ctrl-C and SIGTERM end it with clean-up and a verdict over what there is.

Exit codes: 0 pass; 1 a benchmark missed; 2 arguments or plan wrong; 3 invalid;
4 failed or interrupted.
END
}

case ${1:-} in -h | --help) usage && exit 0 ;; esac
# shellcheck source=scripts/load-testing/shared.sh
. "$(dirname "$0")/shared.sh"

[ $# -ge 1 ] || wrong "no plan was given"
plan=$1
shift
WEDLOAD=${WEDLOAD:-wedload} EVERY_S=${EVERY_S:-3600} PIDS=${PIDS:-}
OUT=${OUT:-load-soak/$(date -u '+%Y%m%dT%H%M%SZ')}
[ -f "$plan" ] || wrong "the plan $plan does not exist"
require_number EVERY_S "$EVERY_S"
for pid in $PIDS; do
    ps -o rss= -p "$pid" >/dev/null 2>&1 || wrong "PIDS: there is no process $pid"
done
require_command "$WEDLOAD"
mkdir -p "$OUT" || wrong "OUT=$OUT cannot be made"
[ ! -e "$OUT/result.json" ] || wrong "OUT=$OUT holds a result already; give another folder"
take_lock "$OUT" || wrong "another soak runs in OUT=$OUT"
log=$OUT/log.txt
status=4 watcher=

# shellcheck disable=SC2317 # called by a trap
finish() {
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null || :; fi
    if [ "$status" = 0 ]; then say "pass: $OUT"; else tell "exit code $status: $OUT"; fi
    give_lock_back
    exit "$status"
}

look_at_memory() {
    now=$(date -u '+%Y-%m-%dT%H:%M:%SZ')
    for pid in $PIDS; do
        kb=$(ps -o rss= -p "$pid" 2>/dev/null | tr -d ' ') || :
        if [ -n "$kb" ]; then
            printf '%s,%s,%s\n' "$now" "$pid" "$kb" >>"$OUT/memory.csv" || :
            say "memory of process $pid: $kb kB"
        else
            tell "WARNING: process $pid is gone"
        fi
    done
}

watch() {
    # Until it is killed; what it sleeps in must not outlive it by an hour.
    pause=
    trap 'if [ -n "$pause" ]; then kill "$pause" 2>/dev/null || :; fi; exit 0' TERM
    while :; do
        sleep "$EVERY_S" &
        pause=$!
        wait "$pause"
        look_at_memory
        "$WEDLOAD" ctl status >>"$log" 2>&1 || : # the run may just have ended
    done
}

trap finish EXIT
forward_signals
if [ -n "$PIDS" ]; then printf 'utc,process,kb\n' >"$OUT/memory.csv"; fi
look_at_memory
watch 9>&- &
watcher=$!
code=0
run_plan "$plan" "$OUT/result.json" --csv "$OUT/load.csv" "$@" || code=$?
look_at_memory
case $code in
0 | 1 | 2 | 3) status=$code ;;
*) status=4 ;;
esac
if [ -n "$stopped" ]; then status=4; fi
exit "$status"
