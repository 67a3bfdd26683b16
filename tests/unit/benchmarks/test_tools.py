"""What the tools printed in real runs, as the harness reads it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from benchmarks.load import Load, UnableError
from benchmarks.servers.nginx import requests_of
from benchmarks.tools import autocannon, h2load, hey, k6, locust, simple, wedload, wrk

_CAPTURED = Path(__file__).with_name("captured")
_URL = "http://127.0.0.1:8080"


def _captured(name: str) -> str:
    return (_CAPTURED / name).read_text(encoding="utf-8")


def test_wrk_counts_requests_and_converts_its_units():
    reading = wrk.parse(_captured("wrk.txt"))
    assert (reading.requests, reading.errors) == (145_560, 0)
    assert reading.load_s == pytest.approx(2.01)
    assert reading.percentiles_ms == pytest.approx({"p50": 0.022, "p99": 6.07})


def test_wrk_counts_unexpected_statuses_as_errors():
    reading = wrk.parse(_captured("wrk-errors.txt"))
    assert (reading.requests, reading.errors) == (12_775, 12_775)


def test_wrk_counts_socket_errors():
    reading = wrk.parse(
        "  10 requests in 1.00m, 2.08MB read\n"
        "  Socket errors: connect 1, read 2, write 3, timeout 4\n"
    )
    assert (reading.errors, reading.load_s) == (10, 60.0)


def test_output_without_a_count_is_refused_not_read_as_zero():
    with pytest.raises(ValueError, match="how many"):
        wrk.parse("unable to connect to 127.0.0.1:9 Connection refused\n")
    with pytest.raises(ValueError, match="how long"):
        hey.parse("")


def test_hey_counts_by_status():
    reading = hey.parse(_captured("hey.txt"))
    assert (reading.requests, reading.errors) == (73_546, 0)
    assert reading.load_s == pytest.approx(2.0008)
    assert reading.percentiles_ms == pytest.approx({"p50": 0.1, "p95": 0.2, "p99": 0.4})


def test_hey_counts_client_errors_and_refusals_as_errors():
    not_found = hey.parse(_captured("hey-errors.txt"))
    assert not_found.errors == not_found.requests == 34_797
    refused = hey.parse(_captured("hey-refused.txt"))
    assert refused.errors == refused.requests == 35_122
    assert refused.percentiles_ms == {}


def test_autocannon_has_no_p95():
    reading = autocannon.parse(_captured("autocannon.json"))
    assert (reading.requests, reading.errors, reading.load_s) == (77_846, 0, 2.01)
    assert reading.percentiles_ms == {"p50": 0, "p99": 1}


def test_autocannon_counts_unexpected_statuses_as_errors():
    reading = autocannon.parse(_captured("autocannon-errors.json"))
    assert reading.errors == reading.requests == 12_622


def test_h2load_counts_what_was_answered_not_what_was_started():
    reading = h2load.parse(_captured("h2load.txt"))
    assert (reading.requests, reading.errors, reading.load_s) == (118_892, 0, 1.0)
    assert reading.percentiles_ms == {}


def test_h2load_counts_unexpected_statuses_as_errors():
    reading = h2load.parse(_captured("h2load-errors.txt"))
    assert reading.errors == reading.requests == 119_233


def test_h2load_is_refused_where_it_did_not_speak_http2():
    with pytest.raises(ValueError, match=r"spoke http/1\.1"):
        h2load.parse(_captured("h2load-http1.txt"))
    with pytest.raises(ValueError, match="to nobody"):
        h2load.parse("finished in 1.00s, 0.00 req/s, 0B/s\n")
    with pytest.raises(ValueError, match="how many"):
        h2load.parse("Application protocol: h2\n")


def test_h2load_is_for_http2_only(tmp_path):
    with pytest.raises(UnableError, match="HTTP/2"):
        h2load.H2load().command(Load(_URL, 1), tmp_path)


def test_k6_counts_failed_requests_where_k6_calls_them_passes():
    reading = k6.parse(_captured("k6.json"), 2.0)
    assert (reading.requests, reading.errors, reading.iterations) == (23_972, 0, 5_993)
    assert (reading.checks_failed, reading.dropped) == (0, 0)
    assert reading.percentiles_ms["p95"] == pytest.approx(0.6614463)
    data = json.loads(_captured("k6.json"))
    data["metrics"]["http_req_failed"]["values"] = {"rate": 0.25, "passes": 5_993, "fails": 17_979}
    assert k6.parse(json.dumps(data), 2.0).errors == 5_993


def test_locust_sums_its_entries_and_reads_the_percentiles_that_it_reports():
    reading = locust.parse(_captured("locust.json"), _captured("locust_stats.csv"), 2.0)
    assert (reading.requests, reading.errors, reading.load_s) == (8_349, 0, 2.0)
    assert reading.percentiles_ms == {"p50": 0, "p95": 4, "p99": 5}


def test_locust_without_requests_has_no_percentiles():
    stats = _captured("locust_stats.csv").splitlines()
    cells = dict.fromkeys(stats[0].split(","), "N/A") | {"Name": "Aggregated"}
    reading = locust.parse("[]", stats[0] + "\n" + ",".join(cells.values()) + "\n", 2.0)
    assert (reading.requests, reading.percentiles_ms) == (0, {})


def test_wedload_is_read_from_its_result_file():
    reading = wedload.parse(_captured("wedload.json"))
    assert (reading.requests, reading.errors, reading.iterations) == (54_460, 0, 13_615)
    assert (reading.load_s, reading.checks_failed) == (2.005, 0)
    assert reading.percentiles_ms == {"p50": 0.0508, "p95": 0.1506, "p99": 0.3496}
    assert reading.corrected_ms == {}


def test_wedload_times_from_when_a_request_was_due_if_the_result_has_them():
    result = json.loads(_captured("wedload.json"))
    result["metrics"]["response_time"] = {"count": 3, "med": 1.0, "p95": 2.0, "p99": 3.0}
    result["metrics"]["dropped_iterations"] = {"count": 7}
    reading = wedload.parse(json.dumps(result))
    assert reading.corrected_ms == {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    assert reading.dropped == 7


def test_nginx_counts_requests_in_the_third_column():
    page = "Active connections: 1 \nserver accepts handled requests\n 16 17 4242 \nReading: 0\n"
    assert requests_of(page) == 4242


@pytest.mark.parametrize(
    ("text", "ms"), [("25.00us", 0.025), ("6.07ms", 6.07), ("2.01s", 2010.0), ("1.50m", 90_000.0)]
)
def test_durations_have_units(text, ms):
    assert simple.milliseconds(text) == pytest.approx(ms)


@pytest.mark.parametrize(
    ("load", "what"),
    [
        (Load(_URL, 1, flow="workflow"), "workflow"),
        (Load(_URL, 1, rate_per_s=10), "open load"),
        (Load(_URL, 1, stages=((1.0, 2),)), "ramping"),
        (Load(_URL, 1, pace_s=1.0), "pace"),
    ],
)
def test_a_tool_of_one_request_says_what_it_cannot_do(load, what):
    with pytest.raises(UnableError, match=what):
        simple.check_simple(load)


def test_k6_is_asked_for_the_same_stages_as_wedload():
    load = Load(_URL, 3, vus=20, stages=((0, 5), (2.5, 20)), start_vus=3)
    scenario = k6.scenario(load)
    assert scenario["executor"] == "ramping-vus"
    assert scenario["stages"] == [
        {"duration": "0ms", "target": 5},
        {"duration": "2500ms", "target": 20},
    ]
    ours = tomllib.loads(wedload.plan(load))["scenarios"]["all"]
    assert ours["stages"] == [
        {"duration": "0s", "target": 5},
        {"duration": "2.5s", "target": 20},
    ]
    assert ours["start_vus"] == scenario["startVUs"] == 3


def test_both_open_loads_have_the_same_rate_and_the_same_most_virtual_users():
    load = Load(_URL, 10, vus=50, rate_per_s=100)
    theirs = k6.scenario(load)
    ours = tomllib.loads(wedload.plan(load))["scenarios"]["all"]
    assert theirs["executor"] == ours["executor"] == "constant-arrival-rate"
    assert theirs["rate"] == ours["rate"] == 100
    assert theirs["maxVUs"] == theirs["preAllocatedVUs"] == ours["max_vus"] == 50


def test_the_plan_has_pace_and_authority_where_the_load_has():
    plan = tomllib.loads(wedload.plan(Load(_URL, 10, pace_s=1.0, ca=Path("ca.pem"))))
    assert plan["scenarios"]["all"]["pace"] == "1.0s"
    assert plan["targets"]["server"]["tls"] == {"ca": "ca.pem"}


def test_the_plan_is_of_http2_where_the_load_is():
    servers = [
        tomllib.loads(wedload.plan(Load(_URL, 10, http2=http2)))["targets"]["server"]
        for http2 in (True, False)
    ]
    assert [server.get("http") for server in servers] == ["2", None]
