"""The search, driven by queues whose capacity is known, and by probes that tell stories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.queues import breaking_rate, erlang_c, probed, sojourn_tail, sojourns
from wedload.capacity.probe import BadShare, RowSeen, Seen
from wedload.capacity.search import Search

#: servers, mean time of service, limit of the p95, warm-up and length of a probe; s
QUEUES = [(1, 0.005, 0.05, 1, 6), (2, 0.02, 0.1, 1, 10), (8, 0.03, 0.15, 4, 16)]


def stand_in(rate: float, *, breaks_at: float = 100, limited_at: float = 1e9) -> Seen:
    """A probe without noise; as of a target that slows down smoothly."""
    bad = min(round(50 * (rate / breaks_at) ** 10), 1000)
    status = "met" if bad < 50 else "missed"
    limit = "the generator" if rate >= limited_at else None
    row = RowSeen(status, None, 1000, bad=BadShare(0.05, bad, 1000))
    return Seen(rate, {"p95": row}, limit)


def searched(first: float, top: float = 1e6, most: int = 40, probe=stand_in) -> Search:
    search = Search(first, top)
    while (rate := search.next_rate()) is not None and len(search.seen) < most:
        search.seen.append(probe(rate))
    return search


def rates(search: Search) -> list[float]:
    return [one.rate for one in search.seen]


# --- the formulas that it is held against --------------------------------------------------------


def test_erlangs_formula_is_that_of_published_tables():
    # M/M/1: the load itself; two servers at load 1: 1/3; ten at 8 erlangs: Gross & Harris
    assert erlang_c(0.7, 1, 1) == pytest.approx(0.7)
    assert erlang_c(1, 2, 1) == pytest.approx(1 / 3)
    assert erlang_c(8, 10, 1) == pytest.approx(0.4092, abs=1e-4)


def test_the_time_in_the_system_of_one_server_is_exponential():
    # M/M/1: P(T > t) = exp(-(mu - lambda) t)
    assert sojourn_tail(2, 0.7, 1, 1) == pytest.approx(2.718281828 ** (-0.3 * 2), rel=1e-6)
    assert breaking_rate(0.95, 0.05, 1, 0.005) == pytest.approx(140.085, abs=1e-3)


@pytest.mark.parametrize("servers", [1, 2, 8])
def test_a_simulated_queue_has_the_times_of_the_formula(servers):
    rate = 0.8 * servers
    took = sojourns(rate, servers, 1, warm_s=300, judged_s=150_000, seed=1)
    for limit in (1, 3, 6):
        share = sum(one > limit for one in took) / len(took)
        assert share == pytest.approx(sojourn_tail(limit, rate, servers, 1), rel=0.1)


# --- the known answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(("servers", "service_s", "limit_s", "warm_s", "judged_s"), QUEUES)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_capacity_of_a_queue_is_found(servers, service_s, limit_s, warm_s, judged_s, seed):
    truth = breaking_rate(0.95, limit_s, servers, service_s)

    def probe(rate: float) -> Seen:
        number = len(search.seen)
        took = sojourns(
            rate, servers, service_s, warm_s=warm_s, judged_s=judged_s, seed=1000 * seed + number
        )
        return probed(rate, took, limit_s, 0.95)

    search = Search(truth / 5, 1e6)
    while (rate := search.next_rate()) is not None and len(search.seen) < 30:
        search.seen.append(probe(rate))

    found = search.breaks()
    assert found is not None
    assert found.at.rate == pytest.approx(truth, rel=0.1)
    assert found.at.doubt < 0.25


# --- its course ----------------------------------------------------------------------------------


def test_the_rate_doubles_until_a_row_breaks_and_the_gap_is_halved_then():
    assert rates(searched(20))[:6] == [20, 40, 80, 160, 113, 95.1]


def test_it_ends_when_it_is_sure():
    search = searched(20)
    assert len(search.seen) < 40
    found = search.breaks()
    assert found is not None
    assert found.at.rate == pytest.approx(100, rel=0.02)
    assert found.at.doubt <= 0.03


def test_probes_are_repeated_on_both_sides_of_the_crossing():
    near = [rate for rate in rates(searched(20)) if 85 < rate < 115]
    assert sum(rate < 100 for rate in near) >= 4
    assert sum(rate > 100 for rate in near) >= 4


def test_rows_that_break_at_once_are_looked_for_below():
    search = searched(800)
    assert rates(search)[:5] == [800, 400, 200, 100, 50]
    found = search.breaks()
    assert found is not None
    assert found.at.rate == pytest.approx(100, rel=0.02)


def test_rows_that_break_at_any_rate_end_it():
    search = searched(64, probe=lambda rate: stand_in(rate, breaks_at=0.1))
    assert rates(search) == [64, 32, 16, 8, 4, 2, 1]
    assert search.held is None


def test_the_top_ends_it():
    search = searched(10, top=70)
    assert rates(search) == [10, 20, 40, 70]
    assert (search.wall, search.held) == (None, 70)


def test_a_limit_that_comes_twice_is_a_wall_which_is_closed_in_on():
    search = searched(10, probe=lambda rate: stand_in(rate, limited_at=70))
    assert rates(search)[:5] == [10, 20, 40, 80, 80]
    assert search.held is not None
    assert 60 < search.held < 70
    assert search.breaks() is None


def test_a_limit_that_comes_once_is_asked_again():
    def probe(rate: float) -> Seen:
        seen = stand_in(rate)
        return replace(seen, limit="the generator") if len(search.seen) == 1 else seen

    search = Search(20, 1e6)
    for _ in range(4):
        rate = search.next_rate()
        assert rate is not None
        search.seen.append(probe(rate))
    assert rates(search) == [20, 40, 40, 80]
    assert search.wall is None


def test_the_row_that_breaks_first_is_the_one():
    def probe(rate: float) -> Seen:
        early, late = stand_in(rate, breaks_at=100), stand_in(rate, breaks_at=110)
        return Seen(rate, {"late": late.rows["p95"], "early": early.rows["p95"]})

    found = searched(20, probe=probe).breaks()
    assert found is not None
    assert found.row == "early"
    assert found.at.rate == pytest.approx(100, rel=0.03)


def test_rows_without_a_share_are_bracketed_and_no_more():
    def probe(rate: float) -> Seen:
        status = "met" if rate < 100 else "missed"
        return Seen(rate, {"max": RowSeen(status, rate, 1000)})

    search = searched(20, probe=probe)
    assert search.held is not None
    assert search.wall is not None
    assert search.held < 100 <= search.wall < 1.16 * search.held
    assert len(search.seen) < 10


def test_one_probe_that_held_by_chance_does_not_send_it_astray():
    search = Search(20, 1e6)
    for rate, breaks_at in ((20, 100), (40, 100), (80, 100), (160, 200), (320, 100)):
        assert search.next_rate() == rate
        search.seen.append(stand_in(rate, breaks_at=breaks_at))
    for _ in range(30):
        if (rate := search.next_rate()) is None:
            break
        search.seen.append(stand_in(rate))
    found = search.breaks()
    assert found is not None
    assert found.at.rate == pytest.approx(100, rel=0.1)
