"""One line about every key of a plan, for editors: model -> key -> (meaning, default).

The long form is docs/plan-reference.md. A default is written as a plan would write it; None: the
key has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.third_party_descriptions import THIRD_PARTIES
from wedload.plan.verbs import VERBS

if TYPE_CHECKING:
    from wedload.plan.verbs.base import Meanings

DESCRIPTIONS: Final[dict[str, Meanings]] = {
    "Plan": {
        "schema": ("Version of the plan format.", None),
        "name": ("What the plan is called in results.", None),
        "description": ("One line for people.", ""),
        "targets": ("Platforms that the load can go to, by name.", None),
        "http": ("Defaults of every http step.", None),
        "secrets": ("What the plan may read of the environment.", None),
        "safety": ("What the plan takes the responsibility for.", None),
        "identities": ("How virtual users sign in, by name; steps act `as` one of them.", None),
        "data": ("Data files, by name; read as ${data.NAME.COLUMN}.", None),
        "variables": ("Values that every step knows.", None),
        "scenarios": ("Who comes, when, and what they do, by name.", None),
        "workflows": ("What a virtual user does, by name: steps in order.", None),
        "setup": ("Steps that run once, before the load.", None),
        "teardown": ("Steps that run once, after the load.", None),
        "cleanup": ("How what a run created is deleted, beside what its steps say.", None),
        "channels": (
            "What a run listens to, by name: a receiver of webhooks, or subscribers of a service.",
            None,
        ),
        "dependencies": ("Third parties that wedload plays, by name.", None),
        "proxies": ("Proxies before TCP services, where faults can happen, by name.", None),
        "routes": ("Ways past a gateway and through it, by name; steps send pairs.", None),
        "databases": ("Where `sql` steps send their statements, by name.", None),
        "faults": ("What goes wrong during the load, and when.", None),
        "tracing": ("Which share of requests is traced, and the receiver of spans.", None),
        "resources": ("What is sampled beside the load.", None),
        "monitoring": ("Who sees a run while it lasts, and is told of it.", None),
        "benchmarks": (
            "The rows that the verdict is given against: `metric{selector=value}: p95 < 2s`.",
            None,
        ),
    },
    "Tracing": {
        "share": ("Share of requests that carry `traceparent`: 5% or 0.05.", "5%"),
        "listen": ("Where spans are received, OTLP over HTTP; port 0: any.", "127.0.0.1:0"),
        "expose": ("Whether that may be where other machines reach it.", False),
        "max_spans": ("Spans held at the same time; beyond, senders are told to wait.", 100_000),
        "server_timing": ("Whether Server-Timing of traced responses is read.", True),
    },
    "Monitoring": {
        "every": ("How often figures are sent.", "5s"),
        "labels": ("Labels that every series has: NAME = value.", {}),
        "allow_hosts": ("Hosts beside this machine that figures may be sent to.", []),
        "prometheus": ("How a Prometheus gets the figures of a run.", None),
        "otlp": ("A collector of OpenTelemetry that is sent the figures.", None),
        "json_lines": ("A file that gets the figures, a line each time.", None),
        "alertmanager": ("An Alertmanager: silences, and alerts of rows that burn.", None),
        "grafana": ("A Grafana that gets annotations of stages and faults.", None),
        "notify": ("Webhooks that are told the verdict, as Slack understands it.", None),
    },
    "Prometheus": {
        "remote_write": ("URL that figures are sent to (remote write 1.0).", None),
        "histograms": ("How durations are sent: classic, or native (Prometheus 2.40).", "classic"),
        "headers": ("Headers of what is sent: Name = value.", None),
        "listen": ("Where they can be fetched, at /metrics: 127.0.0.1:9646.", None),
        "expose": ("Whether that may be where other machines reach it.", False),
        "pushgateway": ("URL of a Pushgateway, which gets the verdict.", None),
        "job": ("Label `job` of what is sent.", "wedload"),
    },
    "Otlp": {
        "endpoint": ("URL of the collector, without /v1/metrics.", None),
        "headers": ("Headers of what is sent: Name = value.", None),
    },
    "Alertmanager": {
        "url": ("Where it is: http://HOST:9093.", None),
        "headers": ("Headers of what is sent: Name = value.", None),
        "silence": ("Matchers of the alerts that the run may set off; or several of them.", None),
        "silence_for": ("How long a silence outlives its last renewal.", "1m"),
        "alerts": ("Whether rows that burn are told as alerts.", True),
        "labels": ("Labels of these alerts: NAME = value.", {}),
    },
    "Grafana": {
        "url": ("Where it is: http://HOST:3000.", None),
        "token": ("Token of a service account: ${env.WEDLOAD_GRAFANA_TOKEN}.", None),
        "dashboard": ("UID of the dashboard that annotations are on.", None),
        "tags": ("Tags of annotations, beside wedload and the plan's name.", []),
    },
    "Notification": {
        "url": ("URL that the verdict is sent to: ${env.WEDLOAD_SLACK_URL}.", None),
        "headers": ("Headers of what is sent: Name = value.", None),
        "on": ("Of which verdicts: always, or not-passed.", "always"),
    },
    "Target": {
        "default": ("Whether this is the target if none is named.", False),
        "sandbox": ("Start the embedded platform for the run.", False),
        "base_url": ("Where the platform is: https://host/path.", None),
        "headers": ("Headers of every request to it.", None),
        "auth": ("Credentials of every request to it: basic, bearer or digest.", None),
        "tls": ("How TLS connections are made.", None),
        "hosts": ("Addresses of names, instead of looking them up: name = address.", None),
        "proxy": ("The proxy to it: http://user:password@host:port; false: none at all.", None),
        "environment": ("What it is; production needs --production as well.", None),
        "allow_hosts": ("Hosts beside that of base_url that load may go to, once proven.", []),
        "http": ("Version of HTTP: 1.1, 2, or auto (agreed on by ALPN).", "1.1"),
        "max_rate": ("Requests that it gets at most, whatever the plan asks: 500/s.", None),
        "max_vus": ("Virtual users at most; a plan that asks for more is refused.", None),
        "max_duration": ("How long its load may last; a plan that asks for more is refused.", None),
    },
    "Tls": {
        "verify": ("Whether the certificate of the target must be valid.", True),
        "ca": ("PEM file with the authorities to trust, instead of the system's.", None),
        "cert": ("PEM file with a client certificate.", None),
        "key": ("PEM file with the key of the client certificate.", None),
    },
    "HttpDefaults": {
        "timeout": ("How long a request may take, connecting included.", "10s"),
        "redirects": ("How many redirects are followed, 0 to 50.", 5),
        "client": ("The HTTP client: wire is fast, aiohttp knows proxies.", "wire"),
        "proxy": ("The proxy to targets without one of their own, for client aiohttp.", None),
        "headers": ("Headers of every request.", None),
        "max_response": ("Largest response body; a larger one is a failure.", "64MB"),
        "discard_body": ("Read and count response bodies, but do not keep them.", False),
        "connections": ("How long a virtual user keeps its connections.", "per-vu"),
        "dns_ttl": ("How long a name's addresses are used; else for the whole run.", None),
        "run_header": ("Whether each request says of which run it is; or in which header.", True),
        "rate_limits": (
            "What a virtual user does that is told to wait: obey, or probe and only count.",
            "obey",
        ),
    },
    "GatewayRoute": {
        "direct": ("The base URL past the gateway; else that of the target.", None),
        "via": ("The base URL through the gateway.", None),
        "envoy": ("Where the gateway's admin interface is, if it is an Envoy.", None),
    },
    "Cleanup": {
        "sweep": ("The request that deletes all of a run: `DELETE /runs/${run.id}`.", None),
        "as": ("The identity that sends it.", None),
        "count": ("An expression over its answer: how much it deleted.", None),
        "timeout": ("How long a request of clean-up may take.", "10s"),
    },
    "Secrets": {
        "env": ("Environment variables that the plan may read besides WEDLOAD_*.", []),
        "secret_file": ("Files with a secret each, read as secrets.NAME: NAME = path.", {}),
    },
    "Safety": {
        "accept": (
            "What may be used although it looks like somebody's data: a value or a file = why.",
            {},
        ),
    },
    "Identity": {
        "http": ("The request that signs in: `POST /path`.", None),
        "json": ("JSON body of the sign-in request.", None),
        "form": ("Form body of the sign-in request.", None),
        "capture": ("Values of the sign-in response, for `headers`.", None),
        "headers": ("Headers of every request made as this identity.", None),
        "auth": ("Credentials of every request made as this identity.", None),
        "expires": ("How long a sign-in lasts; then it is repeated.", None),
    },
    "Feeder": {
        "file": ("A CSV, JSON or JSON Lines file, relative to the plan.", None),
        "pick": ("Which row an iteration gets.", "sequential"),
    },
    "Scenario": {
        "executor": ("How the number of virtual users is driven.", None),
        "vus": (
            "constant-vus, per-vu-iterations, shared-iterations: how many virtual users.",
            None,
        ),
        "duration": ("constant-vus, constant-arrival-rate: for how long.", None),
        "start_vus": ("ramping-vus: virtual users before the first stage.", 0),
        "stages": (
            "ramping-vus, ramping-arrival-rate: stretches in order, each linear to its target.",
            None,
        ),
        "graceful_ramp_down": (
            "ramping-vus: time for an iteration to finish when its user is not needed any more.",
            "30s",
        ),
        "rate": ("constant-arrival-rate: iterations that start, e.g. 40/s.", None),
        "start_rate": ("ramping-arrival-rate: the rate before the first stage.", 0),
        "time_unit": ("What a rate without a unit refers to.", "1s"),
        "max_vus": ("Arrival rates: virtual users at most.", 1000),
        "on_saturation": (
            "Arrival rates: what is due while nobody is free waits, or is dropped.",
            "queue",
        ),
        "arrivals": (
            "Arrival rates: due at regular intervals, or at random, as of people (poisson).",
            "regular",
        ),
        "iterations": (
            "per-vu-iterations: of each virtual user; shared-iterations: of all together.",
            None,
        ),
        "max_duration": ("per-vu-iterations, shared-iterations: for how long at most.", "10m"),
        "graceful_stop": ("Time for iterations to finish at the end.", "30s"),
        "start_time": ("When the scenario starts, from the start of the run.", "0s"),
        "pace": ("An iteration starts at most this often per virtual user.", None),
        "workflow": ("The workflow that is run; or use mix.", None),
        "mix": ("Workflows with their weights: { a = 70, b = 30 }.", None),
    },
    "Stage": {
        "name": ("What the stage is called in results; else its number from 1.", None),
        "duration": ("How long it lasts; 0s jumps.", None),
        "target": ("Virtual users at its end, or the rate: 100/s.", None),
    },
    "Channel": {
        "webhook": ("The path of a receiver that is opened for the run: `/hooks`.", None),
        "realtime": ("What the service speaks to which subscribers connect.", None),
        "key": ("An expression over a message: what it is about.", None),
        "entity": ("An expression over a message: within what messages have an order …", None),
        "sequence": ("… and the number that grows in it.", None),
        "within": ("The deadline of messages whose step says none.", "10s"),
        "remember": ("How many keys, and messages that nobody expects yet, are kept.", 100_000),
        "listen": ("webhook: address and port on this machine; 0: any free one.", "127.0.0.1:0"),
        "expose": ("webhook: whether other machines may reach where it listens.", False),
        "public_url": ("webhook: its address for the sender, if that is another.", None),
        "tls": ("webhook: the certificate with which it speaks HTTPS.", None),
        "signature": ("webhook: how deliveries are signed.", None),
        "answers": ("webhook: what the attempts of a message are answered; then 200.", None),
        "answers_ratio": ("webhook: the share of messages that gets these answers.", 1.0),
        "max_body": ("webhook: the largest body; a larger one is refused.", "1MB"),
        "url": ("realtime: where the service is, absolute or below the target's base URL.", None),
        "topic": ("supabase, phoenix: the topic that is joined.", None),
        "subscribers": ("realtime: how many connect.", 1),
        "joins": ("realtime: how many of them a second, at most.", "100/s"),
        "headers": ("realtime: headers of the connection.", None),
        "params": ("realtime: parameters of the connection's URL.", None),
        "access_token": ("supabase: the token by which its policies know a subscriber.", None),
        "vsn": ("supabase, phoenix: version of the serializer.", "1.0.0"),
        "private": ("supabase: whether the topic is a private one.", False),
        "changes": ("supabase: the changes of a database to be told of.", None),
        "presence": ("supabase: whether subscribers tell that they are there.", False),
        "subscribe": ("websocket: what is sent first.", None),
        "heartbeat": ("realtime: how often a sign of life is sent.", "25s"),
        "reaches": ("realtime: whether a message is for every subscriber, or for any.", "every"),
        "limits": ("realtime: what the service allows; the plan is checked against it.", None),
    },
    "Signature": {
        "scheme": ("By which rules deliveries are signed; none: not at all.", None),
        "secret": ("The secret, from the environment; several with spaces between them.", None),
        "tolerance": ("How far the time in a signature may be from now.", "5m"),
    },
    "Certificate": {
        "cert": ("PEM file with the certificate.", None),
        "key": ("PEM file with its key.", None),
    },
    "Resources": {
        "prometheus": ("Where the Prometheus is that queries are asked of.", None),
        "every": ("How often each is sampled, in whole seconds.", "1s"),
        "queries": (
            (
                "What is sampled, by name: `process: api`, `cgroup: PATH`, `postgres: DATABASE` or "
                "`prometheus: QUERY`."
            ),
            None,
        ),
    },
    "Answer": {
        "status": ("The status that is answered.", None),
        "retry_after": ("What its header Retry-After says, in whole seconds.", None),
        "hang": ("Answer nothing for so long, then hang up.", None),
        "times": ("How many attempts in a row get this.", 1),
    },
    "Changes": {
        "event": ("Which changes: INSERT, UPDATE, DELETE, or * for all.", "*"),
        "schema": ("The schema of the table.", "public"),
        "table": ("The table; * for all.", "*"),
        "filter": ("Which rows: `supplier_id=eq.${supplier}`.", None),
    },
    "Limits": {
        "connections": ("Subscribers at the same time.", None),
        "messages": ("Messages to all subscribers together: 2500/s.", None),
    },
    "Database": {
        "dsn": ("Where it is: postgresql://user@host/database, or sqlite:///file.db.", None),
        "pool": ("How many connections each load process has.", 10),
        "timeout": ("How long a query may take whose step does not say.", "10s"),
    },
    **THIRD_PARTIES,
    **{step.__name__: step.meanings for step in VERBS.values()},
}
