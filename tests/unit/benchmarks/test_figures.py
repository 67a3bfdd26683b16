"""The arithmetic of the report, and what is known of servers and cases."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.cases import EVERY, FREEZE, chosen, expected_vu_seconds
from benchmarks.figures import Spread, freeze_waits_ms, percentile, percentiles, ratios
from benchmarks.measure import CoreTimes
from benchmarks.report_speed import program_of
from benchmarks.servers.truth import Delays, frozen_until

_URL = "http://127.0.0.1:8080"


def test_a_spread_is_the_median_and_the_extremes():
    spread = Spread.of([3.0, 1.0, 2.0])
    assert spread == Spread(2.0, 1.0, 3.0)
    assert spread.text("{:.0f}".format) == "2 (1–3)"
    assert Spread.of([]) is None


def test_a_spread_that_reads_the_same_is_written_once():
    assert Spread(2.0, 1.9, 2.1).text("{:.0f}".format) == "2"


def test_percentiles_are_nearest_ranks():
    values = [float(value) for value in range(100, 0, -1)]
    assert percentiles(values) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert percentile([7.0], 0.99) == 7.0
    assert percentiles([]) == {}


def test_a_ratio_is_of_medians_with_the_extremes_of_rounds_that_both_ran():
    spread = ratios({1: 10.0, 2: 30.0, 3: 20.0}, {1: 5.0, 3: 4.0})
    assert spread == Spread(20.0 / 4.5, 2.0, 5.0)


def test_there_is_no_ratio_without_a_common_round():
    assert ratios({1: 10.0}, {2: 5.0}) is None
    assert ratios({1: 10.0}, {}) is None


def test_a_server_is_frozen_in_the_middle_of_every_stretch():
    assert frozen_until(8.99, 20, 2) is None
    assert frozen_until(9.0, 20, 2) == 11.0
    assert frozen_until(10.5, 20, 2) == 11.0
    assert frozen_until(11.0, 20, 2) is None
    assert frozen_until(30.0, 20, 2) == 31.0


def test_one_tenth_of_the_users_wait_for_the_thaw():
    waits = freeze_waits_ms(FREEZE, 100, 40)
    assert len(waits) == 4000
    assert sum(wait > 5 for wait in waits) == 400
    truth = percentiles(waits)
    assert truth["p50"] == 5
    assert truth["p95"] == pytest.approx(1005, abs=11)
    assert truth["p99"] == pytest.approx(1805, abs=11)


def test_delays_are_the_same_after_each_restart():
    delays = Delays({"p50_ms": 20, "p99_ms": 400, "most_ms": 1000, "seed": 1})
    first = [delays.next_s() for _ in range(2000)]
    delays.restart()
    assert [delays.next_s() for _ in range(2000)] == first
    assert max(first) <= 1.0
    assert percentile(first, 0.5) == pytest.approx(0.020, rel=0.1)


def test_the_area_under_stages_counts_jumps_as_nothing():
    assert expected_vu_seconds(EVERY["ramping-up"]) == 80
    assert expected_vu_seconds(EVERY["ramping-jump"]) == 80
    assert expected_vu_seconds(EVERY["ramping-from-start"]) == 60 + 46


def test_a_group_stands_for_its_cases():
    assert {case.group for case in chosen(["executors"])} == {"executors"}
    assert [case.name for case in chosen(["tls", "plain"])] == ["plain", "tls"]
    assert chosen([]) == list(EVERY.values())
    with pytest.raises(KeyError):
        chosen(["none"])


def test_the_load_of_a_case_lasts_as_long_as_its_stages():
    for case in EVERY.values():
        load = case.load(10, "http://127.0.0.1:1", None)
        assert load.seconds == case.seconds(10)
        if load.stages:
            assert sum(seconds for seconds, _ in load.stages) == pytest.approx(load.seconds)


def test_only_the_http2_case_is_of_http2_and_it_is_over_tls():
    loads = {name: case.load(10, _URL, Path("ca.pem")) for name, case in EVERY.items()}
    assert [name for name, load in loads.items() if load.http2] == ["http2"]
    assert loads["http2"].ca == loads["tls"].ca == Path("ca.pem")


def test_an_idle_crowd_has_all_come_and_been_idle_once_whatever_is_asked_for():
    load = EVERY["idle-10000"].load(2, _URL, None)
    assert load.stages == ((10.0, 10_000), (30.0, 10_000))
    assert load.stages[1][0] >= load.pace_s


def test_a_process_needs_more_open_files_than_connections(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    assert machine.short_of_files(3800) is None
    assert "needs 4,200 open files in a process, the limit is 4,096" in machine.short_of_files(4000)


def test_noise_is_what_the_core_did_beyond_the_command():
    before = CoreTimes(busy_s=100.0, steal_s=1.0, at_s=50.0)
    noise = before.noise_until(CoreTimes(busy_s=108.0, steal_s=1.5, at_s=60.0), own_s=6.0)
    assert (noise.steal_ratio, noise.foreign_ratio) == (0.05, 0.2)


def test_core_times_are_of_one_core():
    text = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 100 10 50 900 1 2 3 40 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\n"
    times = CoreTimes.parse(text, 0, 7.0)
    assert times.busy_s == pytest.approx(160 * times.steal_s / 40)
    assert times.at_s == 7.0


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("/x/bin/python /x/bin/wedload run plan.toml", "wedload"),
        ("/x/bin/python3.11 -m wedload.fleet.worker 15", "wedload.fleet.worker"),
        ("/x/bin/python3.11 -P -m wedload.fleet.worker 15", "wedload.fleet.worker"),
        ("node /x/node_modules/.bin/autocannon --json", "autocannon"),
        ("/usr/bin/wrk --threads 1", "wrk"),
        ("", "?"),
    ],
)
def test_a_process_is_called_after_its_program(command, program):
    assert program_of(command) == program
