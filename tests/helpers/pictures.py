"""Pictures of runs that never were, made as those of a run are."""

from __future__ import annotations

from wedload.export.account import Account
from wedload.export.picture import Span, Standing, picture
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS
from wedload.verdict.row import row_of

COMMON = {"plan": "shop", "target": "here", "run": "r1", "team": "booking"}
LOOK, BUY, SIGN_IN = range(3)
RAMP, PEAK, PEAK_BROKEN = range(3)


def catalogue_of_shop() -> Catalogue:
    """Two steps, one of them tagged, and a set-up; a stage in which something is broken midway."""
    made = Catalogue()
    made.add_series(Series("main", "visit", "look"))
    made.add_series(Series("main", "visit", "buy", "shop/pay", tags=(("is-critical", "yes"),)))
    made.add_series(Series("setup", None, "sign in", judged=False))
    made.add_phase(Phase("main", "ramp", 5.0))
    made.add_phase(Phase("main", "peak", 5.0, 5.0))
    made.add_phase(Phase("main", "peak", 5.0, 10.0, (("fault", "outage"),)))
    return made


def requests(series: int, phase: int, durations_ms: list[float], outcome: str = "ok") -> Snapshot:
    """What a load process tells of requests that it has made."""
    key = CellKey(series, "http_req_duration", phase, outcome)
    durations = Histogram.of([round(one * NS_PER_MS) for one in durations_ms])
    counts = {CellKey(series, "http_reqs", phase, outcome): len(durations_ms)}
    return Snapshot(0, 1, {key: durations}, counts)


def healthy(worker: int, cpu_ratio: float, lags_ms: list[float]) -> Snapshot:
    """What a load process tells of itself."""
    lag = Histogram.of([round(one * NS_PER_MS) for one in lags_ms])
    return Snapshot(worker, 1, health=Health(cpu_ratio, 50_000_000, lag))


def account_of_shop(*snapshots: Snapshot, **more: int) -> Account:
    """What becomes of snapshots."""
    account = Account(catalogue_of_shop(), COMMON, **more)
    for one in snapshots:
        account.add(one)
    return account


def standing(elapsed_s: float = 7.0, *, is_last: bool = False) -> Standing:
    """A run in its peak, with a row that is met and one that nothing is known of."""
    row = Requirement.parse("http_req_duration: p95 < 200ms")
    seen = Histogram.of([50 * NS_PER_MS] * 100)
    stages = [Span((("scenario", "main"), ("stage", one)), 5.0 * at, 5.0 * at + 5.0)
              for at, one in enumerate(("ramp", "peak"))]  # fmt: skip
    return Standing(
        1_700_000_000.0 + elapsed_s, 1_700_000_000.0, elapsed_s, "1.2.3",
        [row_of("fast", row, seen, span_s=elapsed_s),
         row_of("also", row, Histogram.of([]), span_s=elapsed_s)],
        stages, [Span((("fault", "outage"),), 10.0, 15.0)], is_last,
    )  # fmt: skip


def picture_of_shop(*, is_last: bool = False):
    """A picture with something of every kind in it."""
    account = account_of_shop(
        requests(LOOK, RAMP, [10, 20]),
        requests(BUY, PEAK, [30, 40, 2_000]),
        requests(BUY, PEAK, [900], "timeout"),
        healthy(0, 0.25, [1, 2]),
    )
    return picture(account, standing(is_last=is_last))


def points_of(picture, name: str) -> dict[tuple[tuple[str, str], ...], object]:
    """The values of a family, by the labels that not all series have."""
    (family,) = (one for one in picture.families if one.name == name)
    return {
        tuple(pair for pair in point.labels if pair[0] not in COMMON): point.value
        for point in family.points
    }
