#!/bin/sh
# Run a plan every night, compare it with the last good night, and keep the history.
set -eu

usage() {
    cat <<'END'
Usage: nightly.sh PLAN [OPTION OF wedload run]…

Runs PLAN, compares the night with the last good one, and tells by exit code.

Environment:
  HISTORY   folder for nights (default: load-history/NAME, by the plan's name)
  RUNS      runs a night, one after the other (default: 1). With 5 or more it is
            also known how much runs differ by themselves; they may be short
  BASELINE  a result, or a folder of results, to compare with instead of the
            last good night: nothing then creeps up night by night
  MARGIN    what durations may grow by (default: 5%)
  RETRIES   invalid runs that are repeated a night (default: 1)
  KEEP      nights to keep (default: 60); the last good one is always kept
  STRICT    1: an inconclusive comparison exits with 3 (default: 0, a warning)
  HOOK      a shell command to run at the end, with OUTCOME, STATUS, NIGHT (a
            folder), LOG and COMPARISON (files; the latter may be missing) set
  LOCK      folder of the lock (default: HISTORY); give all plans that share a
            machine or a target the same
  WEDLOAD   the command (default: wedload)

Exit codes: 0 pass; 1 a benchmark missed, or a regression; 2 arguments or plan
wrong; 3 run invalid (STRICT=1: or comparison inconclusive); 4 failed,
interrupted, or the last one is still running.
END
}

case ${1:-} in -h | --help) usage && exit 0 ;; esac
# shellcheck source=scripts/load-testing/shared.sh
. "$(dirname "$0")/shared.sh"

[ $# -ge 1 ] || wrong "no plan was given"
plan=$1
shift
WEDLOAD=${WEDLOAD:-wedload} RUNS=${RUNS:-1} KEEP=${KEEP:-60} MARGIN=${MARGIN:-5%}
STRICT=${STRICT:-0} RETRIES=${RETRIES:-1} HOOK=${HOOK:-} BASELINE=${BASELINE:-}
name=$(basename "$plan" .toml)
HISTORY=${HISTORY:-load-history/$name}
LOCK=${LOCK:-$HISTORY}
[ -f "$plan" ] || wrong "the plan $plan does not exist"
[ -z "$BASELINE" ] || [ -e "$BASELINE" ] || wrong "BASELINE=$BASELINE does not exist"
require_number RUNS "$RUNS"
require_number KEEP "$KEEP"
require_margin "$MARGIN"
require_count RETRIES "$RETRIES"
require_command "$WEDLOAD"
mkdir -p "$HISTORY" "$LOCK" || wrong "HISTORY=$HISTORY or LOCK=$LOCK cannot be made"
take_lock "$LOCK" || {
    printf '%s: the last one is still running (lock in %s)\n' "${0##*/}" "$LOCK" >&2
    exit 4
}

stamp=$(date -u '+%Y%m%dT%H%M%SZ')
while ! mkdir "$HISTORY/$stamp" 2>/dev/null; do # two nights in a second
    [ -d "$HISTORY/$stamp" ] || { give_lock_back; wrong "HISTORY=$HISTORY cannot be written to"; }
    sleep 1
    stamp=$(date -u '+%Y%m%dT%H%M%SZ')
done
night=$HISTORY/$stamp
log=$night/log.txt
status=4 outcome=failed

# Whatever happens from here on, the hook hears of it, and no stray exit code looks like a verdict.
# shellcheck disable=SC2317 # called by a trap
finish() {
    trap - EXIT
    trap '' INT TERM HUP
    if [ "$outcome" = pass ]; then
        say "pass: $night"
    else
        if [ -f "$night/comparison.txt" ]; then cat "$night/comparison.txt" >&2 || :; fi
        tell "$outcome (exit code $status): $night"
    fi
    if [ -n "$HOOK" ]; then
        OUTCOME=$outcome STATUS=$status NIGHT=$night LOG=$log COMPARISON=$night/comparison.txt \
            sh -c "$HOOK" >>"$log" 2>&1 9>&- || tell "the hook failed: $HOOK"
    fi
    give_lock_back
    exit "$status"
}
trap finish EXIT
forward_signals

end() {
    outcome=$1 status=$2
    exit "$status"
}

run_night() {
    # Sets missed: whether a benchmark was.
    missed=no number=1 retried=0
    mkdir "$night/results" "$night/invalid"
    while [ "$number" -le "$RUNS" ]; do
        say "run $number of $RUNS"
        code=0
        run_plan "$plan" "$night/results/$number.json" "$@" || code=$?
        [ -z "$stopped" ] || end interrupted 4
        case $code in
        0) ;;
        1) missed=yes ;;
        2) end wrong 2 ;;
        3)
            mv "$night/results/$number.json" "$night/invalid/$number-$retried.json"
            [ "$retried" -lt "$RETRIES" ] || end invalid 3
            retried=$((retried + 1))
            say "the run was invalid; once more"
            continue
            ;;
        130) end interrupted 4 ;;
        *) end failed 4 ;;
        esac
        number=$((number + 1))
    done
}

baseline() {
    # Prints the folder or file to compare with; nothing if there is none.
    if [ -n "$BASELINE" ]; then
        printf '%s\n' "$BASELINE"
    elif [ -f "$HISTORY/last-good" ]; then
        good=$(cat "$HISTORY/last-good")
        if [ -d "$HISTORY/$good/results" ]; then
            printf '%s\n' "$HISTORY/$good/results"
        else
            tell "the last good night is gone: $good"
        fi
    fi
}

compare_with() {
    # BASE: sets compared to no-regression, regression, inconclusive, other-load or failed.
    code=0
    "$WEDLOAD" compare "$1" "$night/results" --margin "$MARGIN" \
        --format json -o "$night/comparison.json" >/dev/null 2>>"$log" || code=$?
    "$WEDLOAD" compare "$1" "$night/results" --margin "$MARGIN" \
        >"$night/comparison.txt" 2>>"$log" || :
    cat "$night/comparison.txt" >>"$log"
    case $code in
    0) compared=no-regression ;;
    1) compared=regression ;;
    3)
        compared=inconclusive
        if grep -q '^  "comparable": *false' "$night/comparison.json"; then compared=other-load; fi
        ;;
    *) compared=failed ;;
    esac
}

is_good() {
    # From now on nights are compared with this one. Replaced whole, so that it is never half a name.
    printf '%s\n' "$stamp" >"$HISTORY/.last-good.$$"
    mv -f "$HISTORY/.last-good.$$" "$HISTORY/last-good"
}

forget_old() {
    # Folders that are named like nights, the oldest first.
    good=$(cat "$HISTORY/last-good" 2>/dev/null) || good=
    set -- "$HISTORY"/[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z
    while [ $# -gt "$KEEP" ]; do
        if [ "$1" != "$HISTORY/$good" ]; then rm -rf "$1"; fi
        shift
    done
}

run_night "$@"
base=$(baseline)
if [ -n "$base" ]; then
    say "comparing with $base"
    compare_with "$base"
else
    compared=none
    say "nothing to compare with yet"
fi
case $compared in
other-load) tell "not comparable with $base (was the plan changed?)" ;;
inconclusive) say "WARNING: the comparison is inconclusive; see $night/comparison.txt" ;;
esac
if [ "$missed" = no ]; then
    case $compared in no-regression | none | other-load) is_good ;; esac
fi
forget_old
case $missed,$compared in
*,failed) end failed 4 ;;
yes,regression) end missed-and-regression 1 ;;
yes,*) end missed 1 ;;
no,regression) end regression 1 ;;
no,inconclusive) if [ "$STRICT" = 1 ]; then end inconclusive 3; else end inconclusive 0; fi ;;
*) end pass 0 ;;
esac
