"""The page about security (`docs/security.md`) has the limits that the code has."""

from __future__ import annotations

import pytest

from tests.helpers.places import ROOT
from wedload import bounded
from wedload.channels.realtime import event_stream, subscriber
from wedload.channels.webhook import limits as webhook
from wedload.control import client, server, stop_file
from wedload.engine import digest, ws_conversation
from wedload.fleet import published, span_receiver
from wedload.metrics import codec
from wedload.plan import code_files, feeders, hosts, latency_files, loader, retry
from wedload.plan.checks import requests, steps
from wedload.plan.expressions import functions, scanner
from wedload.plan.plan_size import MOST_BYTES
from wedload.plan.secrets import files as secret_files
from wedload.protocols.http import cookies, decoding
from wedload.protocols.http import limits as http
from wedload.protocols.http2 import session
from wedload.results import read, recover
from wedload.safety import proof
from wedload.simulators import limits as simulators
from wedload.traces import held
from wedload.units import NS_PER_S

MB = 1_000_000
ROWS = {
    "plan (TOML)": [f"{MOST_BYTES // MB} MB", f"{loader._DEEPEST} levels"],
    "expression; jmespath": [
        f"{scanner._MOST_CHARACTERS:,} characters", f"{scanner.MOST_NESTED} levels",
        f"{functions._MOST_PATTERN} characters",
    ],
    "values in expressions": [
        f"{functions._MOST_TEXT // MB} million characters", f"{functions._MOST_BITS:,} bits",
    ],
    "hosts that a target declares; groups of a step within each other": [
        f"{hosts.MOST_ALLOWED}; {steps.DEEPEST_GROUP}",
    ],
    "data file; latency file": [
        f"{feeders._MOST_BYTES // MB} MB; {latency_files._MOST_BYTES // MB} MB",
        f"{latency_files.MOST_VALUES:,} values",
    ],
    "secret file": [f"{secret_files._MOST_BYTES // 1000} kB"],
    "module of a `python` step": [f"{code_files._MOST_BYTES // MB} MB"],
    "result, recording": [
        f"{read.MOST_BYTES // MB} MB", f"{bounded.MOST_NESTED} levels",
        f"{recover._MOST_BYTES // 10**9} GB",
    ],
    "histogram in a result": [f"{codec._MOST_BYTES // MB} MB"],
    "head of an HTTP response": [
        f"{http.MOST_HEAD_BYTES // 1024} kB", f"{http.MOST_INTERIM} interim",
    ],
    "body of a response": [
        f"{decoding._MOST_CODINGS} codings", f"{decoding._MOST_MEMBERS:,} gzip members",
    ],
    "HTTP/2": [f"{session._MOST_CONTINUATIONS} continuations"],
    "JSON of responses, messages, requests": [f"{bounded.MOST_NESTED} levels"],
    "cookies": [f"{cookies._MOST_BYTES // 1024} kB", f"{cookies._MOST_COOKIES} a virtual user"],
    "redirects; retries; Digest answers": [
        f"{requests._MOST_REDIRECTS}; {retry._MOST_ATTEMPTS}; {digest._MOST_ANSWERS}",
    ],
    "WebSocket message: step; channel": [f"{subscriber.MOST_MESSAGE_BYTES // MB} MB"],
    "messages that wait for a `ws` step": [f"{ws_conversation.MOST_KEPT:,}"],
    "server-sent event": [f"{event_stream.MOST_EVENT_BYTES // MB} MB"],
    "webhook at a receiver": [
        f"head {webhook.HEAD_BYTES // 1024} kB", f"{webhook.Limits().whole_ns // NS_PER_S} s",
        f"{webhook.Limits().connections:,} connections",
    ],
    "export request of spans": [
        f"{span_receiver.MOST_BODY // 1024**2} MiB, {span_receiver.MOST_DECODED // 1024**2} MiB",
        f"{span_receiver.READ_S:g} s", f"{span_receiver.MOST_AT_ONCE} at once",
        f"{held.MOST_SPANS_A_TRACE:,} a trace",
    ],
    "request to a third party that wedload plays": [
        f"head {simulators.Limits().head_bytes // 1024} kB",
        f"body {simulators.Limits().body_bytes // MB} MB",
        f"{simulators.Limits().whole_ns // NS_PER_S} s",
    ],
    "proof of a host": [
        f"{proof.LARGEST_FILE_BYTES // 1024} kB", f"{published._MOST_RECORDS} TXT records",
    ],
    "request to a run's control socket; its answer": [
        f"{server._LONGEST_BYTES // 1000} kB, {server._PATIENCE_S:g} s",
        f"{client._LONGEST_BYTES // MB} MB, {client._TIMEOUT_S:g} s",
    ],
    "stop file": [f"{stop_file._LONGEST_REASON} characters"],
}  # fmt: skip


def rows() -> dict[str, str]:
    """The table of parsers: what is parsed -> its limits."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.partition("### What every parser takes at most")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    return {what: limits for what, limits, *_ in cells[2:]}


def test_every_row_of_the_page_is_known_here():
    assert list(rows()) == list(ROWS)


@pytest.mark.parametrize("what", ROWS)
def test_the_limits_of_a_row_are_those_of_the_code(what):
    for limit in ROWS[what]:
        assert limit in rows()[what]
