"""The account of a run for others: what is added up, and what is one series."""

from __future__ import annotations

from tests.helpers.pictures import (
    BUY,
    COMMON,
    LOOK,
    PEAK,
    PEAK_BROKEN,
    RAMP,
    SIGN_IN,
    account_of_shop,
    healthy,
    requests,
)
from wedload.metrics.levels import Level, LevelKey
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.units import NS_PER_MS as MS


def values(account, name):
    (family,) = (one for one in account.families() if one.name == name)
    return {
        tuple(value for key, value in one.labels if key not in COMMON): one.value
        for one in family.points
    }


def test_counts_are_cumulative():
    account = account_of_shop(requests(LOOK, RAMP, [10]), requests(LOOK, RAMP, [20, 30]))
    assert values(account, "wedload_http_reqs_total") == {
        ("ok", "main", "ramp", "look", "visit"): 3
    }
    account.add(requests(LOOK, RAMP, [10]))
    assert values(account, "wedload_http_reqs_total") == {
        ("ok", "main", "ramp", "look", "visit"): 4
    }


def test_a_picture_that_was_taken_stays_as_it_was():
    account = account_of_shop(requests(LOOK, RAMP, [10]))
    (before,) = values(account, "wedload_http_req_duration_seconds").values()
    account.add(requests(LOOK, RAMP, [20]))
    (after,) = values(account, "wedload_http_req_duration_seconds").values()
    assert (before.count, after.count, after.sum_ns) == (1, 2, 30 * MS)


def test_many_snapshots_between_two_pictures_lose_nothing():
    account = account_of_shop(*(requests(LOOK, RAMP, [n]) for n in range(1, 101)))
    (found,) = values(account, "wedload_http_req_duration_seconds").values()
    assert (found.count, found.sum_ns, found.max_ns) == (100, 5_050 * MS, 100 * MS)


def test_what_differs_in_a_fault_alone_is_one_series():
    account = account_of_shop(requests(BUY, PEAK, [10]), requests(BUY, PEAK_BROKEN, [20]))
    (found,) = values(account, "wedload_http_req_duration_seconds").values()
    assert found.count == 2


def test_outcomes_are_apart():
    account = account_of_shop(requests(LOOK, PEAK, [10]), requests(LOOK, PEAK, [20], "timeout"))
    assert sorted(values(account, "wedload_http_reqs_total").values()) == [1, 1]


def test_set_up_is_no_part_of_it():
    account = account_of_shop(requests(SIGN_IN, RAMP, [10]))
    assert list(account.families()) == []


def test_what_is_not_exported_is_left_alone():
    key = CellKey(LOOK, "route_overhead+", RAMP, "")
    snapshot = requests(LOOK, RAMP, [10])
    account = account_of_shop(Snapshot(0, 1, {key: next(iter(snapshot.trends.values()))}))
    assert list(account.families()) == []


def test_virtual_users_of_all_load_processes_are_added_up_as_they_are_now():
    account = account_of_shop(
        Snapshot(0, 1, vus={"main": 5, "side": 1}), Snapshot(1, 1, vus={"main": 7}),
        Snapshot(0, 2, vus={"main": 4}),
    )  # fmt: skip
    assert values(account, "wedload_vus") == {("main",): 11, ("side",): 1}


def test_each_process_has_a_health_of_its_own():
    account = account_of_shop(healthy(0, 0.5, [1]), healthy(1, 0.25, [3]), healthy(0, 0.75, [2]))
    assert values(account, "wedload_generator_cpu_ratio") == {("0",): 0.75, ("1",): 0.25}
    lags = values(account, "wedload_generator_loop_lag_seconds")
    assert {worker: lag.count for worker, lag in lags.items()} == {("0",): 2, ("1",): 1}


def test_levels_are_those_of_the_last_sample_in_base_units():
    cpu, age = LevelKey("db", "resource_cpu"), LevelKey("db", "resource_longest_transaction")
    account = account_of_shop(
        Snapshot(-1, 1, levels={cpu: Level(0.5), age: Level(2_500.0)}),
        Snapshot(-1, 2, levels={age: Level(1_500.0)}),
    )
    assert values(account, "wedload_resource_longest_transaction_seconds") == {("db",): 1.5}
    names = [one.name for one in account.families()]
    assert "wedload_resource_cpu_ratio" not in names  # it was not sampled: nothing is known now


def test_more_series_than_there_is_room_for_are_counted_and_left_out():
    many = [requests(LOOK, RAMP, [1]), requests(BUY, RAMP, [1]), requests(BUY, PEAK, [1])]
    account = account_of_shop(*many, *many, most_series=4)
    assert sum(len(one.points) for one in account.families()) == 4
    assert account.left_out == 2  # however often they come
    assert sum(values(account, "wedload_http_reqs_total").values()) == 4
