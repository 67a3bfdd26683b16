"""One line about every key of a plan, for editors: model -> key -> (meaning, default).

The long form is docs/plan-reference.md. A default is written as a plan would write it; None: the
key has none.
"""

from __future__ import annotations

from typing import Any, Final

_STEP: Final[dict[str, tuple[str, Any]]] = {
    "name": ("What the step is called in results; unique within its workflow.", None),
    "when": ("An expression over variables: the step runs only if it holds.", None),
    "group": ("Consecutive steps of one group are timed together; `a/b` nests.", None),
    "tags": ("Labels of the step's samples, for selectors of benchmark rows.", None),
    "on_failure": ("What a failed step means for the iteration.", "continue"),
    "let": ("Variables that are set before the step: name = value, with ${…} in it.", None),
}

DESCRIPTIONS: Final[dict[str, dict[str, tuple[str, Any]]]] = {
    "Plan": {
        "schema": ("Version of the plan format.", None),
        "name": ("What the plan is called in results.", None),
        "description": ("One line for people.", ""),
        "targets": ("Platforms that the load can go to, by name.", None),
        "http": ("Defaults of every http step.", None),
        "secrets": ("What the plan may read of the environment.", None),
        "identities": ("How virtual users sign in, by name; steps act `as` one of them.", None),
        "data": ("Data files, by name; read as ${data.NAME.COLUMN}.", None),
        "variables": ("Values that every step knows.", None),
        "scenarios": ("Who comes, when, and what they do, by name.", None),
        "workflows": ("What a virtual user does, by name: steps in order.", None),
        "setup": ("Steps that run once, before the load.", None),
        "teardown": ("Steps that run once, after the load.", None),
        "benchmarks": (
            "The rows that the verdict is given against: `metric{selector=value}: p95 < 2s`.",
            None,
        ),
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
        "http": ("Version of HTTP: 1.1, 2, or auto (agreed on by ALPN).", "1.1"),
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
    },
    "Secrets": {
        "env": ("Environment variables that the plan may read besides WEDLOAD_*.", []),
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
    "HttpStep": {
        **_STEP,
        "http": ("Method and URL: `POST /api/forms/${form_id}`.", None),
        "as": ("The identity that sends it.", None),
        "headers": ("Headers of the request.", None),
        "auth": ("Credentials of the request: basic, bearer or digest.", None),
        "query": ("Query parameters, encoded and added to the URL.", None),
        "json": ("JSON body, with ${…} in its texts.", None),
        "form": ("Form body (application/x-www-form-urlencoded).", None),
        "body": ("Body as text.", None),
        "multipart": ("Form body with files (multipart/form-data).", None),
        "body_file": ("Body from a file, relative to the plan.", None),
        "timeout": ("Instead of the default of [http].", None),
        "redirects": ("Instead of the default of [http], 0 to 50.", None),
        "max_response": ("Instead of the default of [http].", None),
        "discard_body": ("Instead of the default of [http].", None),
        "retry": ("When the request is sent again: { attempts = 3, on = [503] }.", None),
        "expected_status": ("Codes or classes that are no failure.", ["2xx", "3xx"]),
        "capture": ("Variables set from the response: name = expression.", None),
        "check": ("Expressions that must hold for the response.", None),
        "cleanup": ("The request that undoes this one after the run.", None),
    },
    "ThinkStep": {
        **_STEP,
        "think": ("A pause: 2s, uniform(1s, 3s), lognormal(p50=2s, p99=20s) …", None),
    },
    "BatchStep": {
        **_STEP,
        "batch": ("Requests that are made at the same time: [ { http = …, name = … }, … ].", None),
    },
    "UseStep": {
        **_STEP,
        "use": ("The workflow that is run in this place.", None),
        "repeat": ("How many times.", 1),
    },
}
