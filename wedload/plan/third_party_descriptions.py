"""One line about every key of third parties, fault proxies and faults, for editors.

Part of `wedload.plan.descriptions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.plan.verbs.base import Meanings

THIRD_PARTIES: Final[dict[str, Meanings]] = {
    "Dependency": {
        "simulate": ("What it is: google-calendar, email, or a service of its own routes.", None),
        "listen": ("Address and port on this machine; 0: any free one.", "127.0.0.1:0"),
        "expose": ("Whether other machines may reach where it listens.", False),
        "provider": ("email: whose endpoints it has.", "resend"),
        "latency": ("How long it takes to answer: `lognormal(p50=120ms, p99=900ms)`.", None),
        "quota": ("Requests that it allows within any stretch of time: `600/1m`.", None),
        "user_quota": ("google-calendar: the same for each user.", None),
        "quota_status": ("The status of what is over a quota; else what the service has.", None),
        "retry_after": ("Whether Retry-After goes with it; else as the service has it.", None),
        "errors": ("The share of requests that gets an error; a table, or several.", None),
        "routes": ("http: its endpoints, and what they answer.", None),
        "operation": ("An expression over a request: what retries have in common.", None),
        "policy": ("How the platform is to retry; what it does is held against it.", None),
        "log": ("A file, from where wedload is started: a line of JSON for each request.", None),
    },
    "Errors": {
        "ratio": ("The share of requests, up to 1.", None),
        "status": ("The status that they are answered with.", 503),
        "retry_after": ("What its header Retry-After says, in whole seconds.", None),
    },
    "Route": {
        "http": ("Method and path: `POST /v1/charges/*`; * is any one segment.", None),
        "status": ("The status that it answers with.", 200),
        "headers": ("Headers of the answer; templates over the request.", None),
        "json": ("Body of the answer; a template over the request: ${json.amount}.", None),
        "latency": ("How long it takes to answer, if not as long as the others.", None),
    },
    "Policy": {
        "attempts": ("Attempts of an operation at most, the first one included.", None),
        "gap": ("From the end of an attempt to the next one, at least.", None),
        "within": ("From the first attempt to the end of the last one, at most.", None),
    },
    "FaultProxy": {
        "upstream": ("The service behind it: host:port, `sandbox`, or `dependency:NAME`.", None),
        "listen": ("Address and port on this machine; 0: any free one.", "127.0.0.1:0"),
        "expose": ("Whether other machines may reach where it listens.", False),
    },
    "Fault": {
        "name": ("What it is called in results and rows.", None),
        "on": ("A dependency, a proxy, or `sandbox.database` …; one, or a list.", None),
        "at": ("When it begins, from the begin of the load.", None),
        "for": ("How long it lasts.", None),
        "down": ("Nobody can be reached there.", False),
        "latency": ("So much later: `200ms`, or a distribution.", None),
        "jitter": ("More or less than `latency` by up to so much.", None),
        "status": ("The status that requests are answered with.", None),
        "retry_after": ("What the header Retry-After of `status` says, in whole seconds.", None),
        "reset": ("A TCP reset: true, or how long after the first data.", None),
        "timeout": ("Nothing comes through: true, or for how long until it is closed.", None),
        "bandwidth": ("So many bytes a second: `100kB/s`.", None),
        "slow_close": ("The end of a connection comes so much later.", None),
        "slicer": ("Data comes in small pieces.", None),
        "limit_data": ("A connection ends after so many bytes.", None),
        "empty": ("The connection is closed instead of an answer.", False),
        "malformed": ("An answer that is none: a chunk that breaks off, or random bytes.", None),
        "direction": ("Which bytes: down to the client, up to the service, or both.", "down"),
        "toxicity": ("The share of connections, or of requests, that suffer it.", 1.0),
    },
    "Slicer": {
        "size": ("Bytes of a piece: `64B`.", None),
        "vary": ("More or less than `size` by up to so much.", "0B"),
        "delay": ("The pause between two pieces.", "0s"),
    },
}
