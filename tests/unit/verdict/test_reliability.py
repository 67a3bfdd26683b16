"""Reliabilities (`verdict/row.py`): claimed only with deliveries enough to prove them."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.benchmark import Requirement
from wedload.statistics.bounds import rate_bound
from wedload.verdict.judge import judge
from wedload.verdict.wording import short_of_proof


def deliveries(ok, *, late=0, lost=0, metric="webhook_expected", requests=(1, 0)):
    """A run of one awaited webhook."""
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    trigger = catalogue.add_series(Series("main", "order", "place", verb="http"))
    told = Series("main", "order", "is told", verb="await", channel="hooks")
    step = catalogue.add_series(told)
    catalogue.add_series(Series("", channel="hooks"))
    amounts = {
        (step, metric, "ok"): ok,
        (step, metric, "late"): late,
        (step, metric, "lost"): lost,
        (trigger, "http_reqs", "ok"): requests[0],
        (trigger, "http_reqs", "timeout"): requests[1],
    }
    made = Summary(catalogue)
    counts = {CellKey(s, m, phase, o): amount for (s, m, o), amount in amounts.items() if amount}
    made.add(Snapshot(0, 0, {}, counts))
    return made


def verdict_of(seen, source, *, load_s=60.0):
    return judge(seen, {"Reliable": Requirement.parse(source)}, load_s=load_s)


def row_of(seen, source, **more):
    (row,) = verdict_of(seen, source, **more).rows
    return row


ROW = "webhook_delivered: rate >= 99.9%"


@pytest.mark.parametrize(
    ("ok", "lost", "share", "expected"),
    [
        (2_995, 0, "99.9%", "met"),
        (2_994, 0, "99.9%", "insufficient"),
        (299, 0, "99%", "met"),
        (298, 0, "99%", "insufficient"),
        (59, 0, "95%", "met"),
        (58, 0, "95%", "insufficient"),
        (9_993, 7, "99.9%", "met"),  # as it was seen: 99.93 %
        (9_989, 11, "99.9%", "missed"),
        (1, 0, "100%", "met"),
        (99, 1, "100%", "missed"),
        (0, 0, "99.9%", "no-data"),
        # fewer than could prove it, but more lost than could be by chance: P(X >= k) < 5 %
        (99, 1, "99.9%", "insufficient"),  # 1 - 0.999**100 = 9.5 %
        (998, 2, "99.9%", "insufficient"),  # 26 %
        (98, 2, "99.9%", "missed"),  # 0.5 %
        (0, 1, "99.9%", "missed"),  # 0.1 %
        (0, 1, "90%", "insufficient"),  # 10 %
    ],
)
def test_a_reliability_needs_deliveries_enough_to_prove_it(ok, lost, share, expected):
    row = row_of(deliveries(ok, lost=lost), f"webhook_delivered: rate >= {share}")

    assert row.status == expected


def test_a_late_delivery_is_none_in_time():
    row = row_of(deliveries(9_980, late=13, lost=7), ROW)

    assert (row.status, row.observed, row.samples) == ("missed", 0.998, 10_000)


def test_the_same_holds_for_subscribers():
    seen = deliveries(2_000, metric="realtime_expected")

    row = row_of(seen, "realtime_delivered{channel=hooks}: rate > 99.9%")

    assert (row.status, row.samples, row.needed) == ("insufficient", 2_000, 2_995)


def test_too_few_deliveries_make_a_run_invalid_and_say_how_many_it_takes_and_how_long():
    verdict = verdict_of(deliveries(1_000), ROW, load_s=60.0)

    assert verdict.outcome == "invalid"
    assert verdict.reasons == (
        (
            "Reliable: 1,000 deliveries are too few to prove 99.9%, which takes 2,995 without a "
            "loss; run 2m longer at this rate, or with more load."
        ),
    )


def test_one_delivery_is_one_delivery():
    row = row_of(deliveries(1), ROW, load_s=1.0)

    assert "1 delivery is too few to prove 99.9%" in row.reason
    assert "run 49m54s longer at this rate" in row.reason  # 2,994 s


def test_few_deliveries_because_triggers_failed_are_told_as_that():
    row = row_of(deliveries(10, requests=(1, 9)), ROW)

    assert row.reason.endswith("without a loss: 90 % of its requests failed; see the failures.")


def test_other_rates_and_the_other_side_need_no_proof():
    seen = deliveries(10)

    assert row_of(seen, "webhook_delivered: rate < 100%").needed == 1
    assert row_of(seen, "webhook_delivered: count >= 5").status == "met"
    assert row_of(seen, "http_req_failed: rate < 1%").status == "met"


def test_what_is_met_as_seen_and_not_proven_has_its_bound_beside_it():
    row = row_of(deliveries(9_993, lost=7), ROW)

    assert row.reason is None
    assert row.bound == pytest.approx(rate_bound(9_993, 10_000, upper=False))
    # Clopper-Pearson for 7 losses in 10,000: the 95 % quantile of Beta(8, 9993) is 0.13145 %
    assert row.bound == pytest.approx(1 - 0.0013145, abs=1e-6)
    assert short_of_proof(row) == (
        "Reliable: met as seen, and at least 99.868 % with 95 % certainty"
    )


@pytest.mark.parametrize(
    ("ok", "lost", "source"),
    [
        (2_995, 0, ROW),  # proven
        (9_900, 100, ROW),  # missed
        (10, 0, ROW),  # insufficient
        (10, 0, "checks: rate >= 99.9%"),
    ],
)
def test_nothing_is_said_of_what_is_proven_or_not_met_or_no_claim(ok, lost, source):
    assert short_of_proof(row_of(deliveries(ok, lost=lost), source)) is None


def test_all_of_them_cannot_be_proven():
    row = row_of(deliveries(100), "webhook_delivered: rate >= 100%")

    assert row.status == "met"
    assert short_of_proof(row).endswith(
        "at least 97.048 % with 95 % certainty"
    )  # 0.05 ** (1 / 100)


@pytest.mark.parametrize(("ok", "status"), [(2_994, "insufficient"), (2_995, "met")])
def test_a_window_needs_as_many(load, row, ok, status):
    made = load({"r": row(ROW, window_s=2)})
    key = CellKey(0, "webhook_expected", 0, "ok")
    for second, number in enumerate((ok - 1_000, 1_000, 0)):
        snapshot = Snapshot(0, second, {}, {key: number} if number else {})
        made.summary.add(snapshot)
        made.timed.add(snapshot)

    found = made.rows(3.0)["r"]

    assert found.status == status
    if status == "insufficient":
        assert found.reason.endswith(
            "2,994 deliveries in 2s, the most of any such stretch, are too few to prove 99.9%, "
            "which takes 2,995 without a loss; choose a longer window, or more load."
        )
