# shellcheck shell=sh
# What nightly.sh, gate.sh and soak.sh have in common. Sourced, not run; keep it beside them.
#
# Needs: WEDLOAD (the command), log (a file, once there is one). Sets: child (the run under way),
# lock (a folder), stopped (by a signal), code.

log=/dev/null
child=
lock=
# shellcheck disable=SC2034 # read by the scripts
stopped=

tell() {
    # A line for the log and for people; a full disk must not end a run under way.
    line="$(date -u '+%Y-%m-%d %H:%M:%SZ') $*"
    printf '%s\n' "$line" >&2 || :
    printf '%s\n' "$line" >>"$log" || :
}

say() {
    # One for the log, and for people if they look on or it is CI: cron then mails what matters only.
    if [ -t 2 ] || [ -n "${CI:-}" ]; then
        tell "$@"
    else
        tell "$@" 2>/dev/null
    fi
}

wrong() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    printf 'try: %s -h\n' "$0" >&2
    exit 2
}

require_number() {
    # NAME VALUE: a whole number of at least 1
    case $2 in
    '' | *[!0-9]* | 0*) wrong "$1=$2 is no whole number of at least 1" ;;
    esac
}

require_count() {
    # NAME VALUE: a whole number, 0 too
    case $2 in '' | *[!0-9]*) wrong "$1=$2 is no whole number" ;; esac
}

require_margin() {
    # As wedload takes it: 5%, 2.5% or 0.05; below 100%.
    case $1 in
    *[!0-9.%]* | *.*.* | *%?* | 0% | 0) ;;
    [0-9]% | [1-9][0-9]% | [0-9].[0-9]*% | [1-9][0-9].[0-9]*% | 0.[0-9]*) return ;;
    esac
    wrong "MARGIN=$1 is no share below 100%, such as 5%"
}

require_command() {
    command -v "$1" >/dev/null 2>&1 || wrong "$1 is not a command here; set WEDLOAD to where wedload is"
}

take_lock() {
    # FOLDER: 1 if somebody has it. A run that outlives its script keeps the lock: it is a load still.
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$1/.lock"
        flock -n 9
        return
    fi
    if ! mkdir "$1/.lock.d" 2>/dev/null; then
        _take_over "$1/.lock.d" || return 1
    fi
    lock=$1/.lock.d
    printf '%s\n' "$$" >"$lock/pid"
}

_take_over() {
    # FOLDER: of a script that is gone. Renaming it is atomic, so that only one gets it.
    holder=$(cat "$1/pid" 2>/dev/null) || return 1
    if [ -z "$holder" ] || kill -0 "$holder" 2>/dev/null; then return 1; fi
    mv "$1" "$1.$$" 2>/dev/null || return 1
    if [ "$(cat "$1.$$/pid")" != "$holder" ]; then # somebody else was faster
        mv "$1.$$" "$1" || :
        return 1
    fi
    rm -r "$1.$$"
    mkdir "$1" 2>/dev/null
}

give_lock_back() {
    if [ -n "$lock" ]; then rm -rf "$lock"; fi
}

forward_signals() {
    # A signal reaches the run, which then cleans up and judges what it has.
    trap 'stopped=yes; if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null || :; fi' INT TERM HUP
}

run_plan() {
    # PLAN RESULT [OPTION…]: wedload's exit code. Whatever was found is in RESULT or beside it.
    _plan=$1 _result=$2
    shift 2
    "$WEDLOAD" run "$_plan" --no-live -o "$_result" "$@" >"$_result.stdout" 2>>"$log" &
    child=$!
    if [ -n "$stopped" ]; then kill -TERM "$child" 2>/dev/null || :; fi
    wait_for_child
    if [ -s "$_result" ] || [ ! -s "$_result.stdout" ]; then
        rm -f "$_result.stdout"
    elif mv "$_result.stdout" "$_result"; then # the disk was full a moment ago
        tell "the result was rescued from stdout: $_result"
    fi
    if [ -e "$_result.partial" ]; then
        tell "the run was cut off; what it had recorded: $_result.partial"
    fi
    return "$code"
}

wait_for_child() {
    # Sets code. A signal ends `wait`, but not the run: then go on waiting.
    while :; do
        code=0
        wait "$child" || code=$?
        kill -0 "$child" 2>/dev/null || break
    done
    child=
}
