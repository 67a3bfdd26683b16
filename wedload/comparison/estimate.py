"""What the seconds of both sides say about one row: an estimate, or why there is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wedload.comparison.effects import share_margin
from wedload.comparison.rows import dropped_and_due
from wedload.results.histograms import merged
from wedload.results.seconds import RunSeconds, trends_by_second
from wedload.statistics.blocks import NEEDED_BLOCKS
from wedload.statistics.bounds import samples_for_quantile
from wedload.statistics.counts import estimate_rate
from wedload.statistics.model import Estimate
from wedload.statistics.quantiles import estimate_mean, estimate_quantile
from wedload.statistics.seconds import ShareBySecond
from wedload.statistics.shares import cases_to_clear, estimate_share
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.comparison.model import Settings
    from wedload.comparison.row_spec import RowSpec
    from wedload.results.model import Result
    from wedload.results.seconds import SeriesPick
    from wedload.statistics.model import TooShort


@dataclass(frozen=True, slots=True, eq=False)
class SideSeconds:
    """One side's runs, ready to be asked."""

    results: tuple[Result, ...]
    seconds: tuple[RunSeconds, ...]

    @staticmethod
    def of(results: Sequence[Result]) -> SideSeconds:
        """Decodes nothing yet."""
        return SideSeconds(tuple(results), tuple(RunSeconds(one) for one in results))


@dataclass(frozen=True, slots=True)
class RowEstimate:
    """What was found for a row."""

    base_samples: int
    current_samples: int
    found: Estimate | TooShort | None  # None: too few samples, or none
    row_s: int  # seconds that it is about, of the shorter run
    sparse: str | None = None  # why no run of this kind could rule a regression out


def estimate_row(
    spec: RowSpec, base: SideSeconds, current: SideSeconds, settings: Settings
) -> RowEstimate:
    """Estimate a row's difference.

    Raises:
        ValueError: a histogram that cannot be decoded.
    """
    match spec.kind:
        case "trend":
            return _trend(spec, base, current, settings.seed)
        case "share":
            left, right = _shares(spec, base, spec.base), _shares(spec, current, spec.current)
            return _share(left, right, share_margin(spec, settings), settings.seed)
        case "drops":
            margin = share_margin(spec, settings)
            return _share(_drops(base), _drops(current), margin, settings.seed)
        case "throughput":
            return _throughput(spec, base, current, settings.seed)
        case "shown":
            raise AssertionError("rows that are only shown have no estimate")


def _trend(spec: RowSpec, base: SideSeconds, current: SideSeconds, seed: int) -> RowEstimate:
    picked = [
        one.trend(place)
        for side, places in ((base, spec.base), (current, spec.current))
        for one, place in zip(side.seconds, places, strict=True)
    ]
    trends = trends_by_second(picked)
    left, right = trends[: len(spec.base)], trends[len(spec.base) :]
    samples = [_in_all([one.counts for one in side]) for side in (left, right)]
    q = spec.quantile
    row_s = min(len(one.stages) for one in trends)
    sparse = _few_samples(samples, 2 if q is None else samples_for_quantile(q), spec)
    sparse = sparse or _few_seconds([[one.counts.sum(axis=1) for one in side]
                                     for side in (left, right)], row_s)  # fmt: skip
    if sparse is not None:
        return RowEstimate(samples[0], samples[1], None, row_s, sparse)
    left, right = ([one.sampled() for one in side] for side in (left, right))
    row_s = min(len(one.stages) for one in (*left, *right))
    points = [_point(spec, side, number) for number, side in enumerate((base, current))]
    base_value, current_value = points if None not in points else (None, None)
    if q is None:
        found = estimate_mean(
            left, right, seed=seed, base_value=base_value, current_value=current_value
        )
    else:
        found = estimate_quantile(
            left, right, q, seed=seed, base_value=base_value, current_value=current_value
        )
    return RowEstimate(samples[0], samples[1], found, row_s)


def _point(spec: RowSpec, side: SideSeconds, number: int) -> float | None:
    """The value to three digits, ns, where the results have it; seconds have only two."""
    if spec.observed is None:
        return exact_ns(spec, side.results)
    observed = spec.observed[number]
    if len(observed) != 1 or observed[0] is None or spec.window:
        return None
    return observed[0] * NS_PER_MS


def exact_ns(spec: RowSpec, results: Sequence[Result]) -> float | None:
    """A quantile of a step, workflow or channel over runs, ns, from their exact histograms."""
    q, where = spec.quantile, dict(spec.where)
    # what several steps expect of a channel is one
    labels = where if "channel" in where else {"workflow": None, "step": None, **where}
    histogram = merged((one for run in results for one in run.histograms), spec.metric, labels)
    return histogram.quantile_ns(q) if histogram.count and q is not None else None


def _share(
    base: Sequence[ShareBySecond], current: Sequence[ShareBySecond], margin: float, seed: int
) -> RowEstimate:
    """Few samples can show that much fails, and never that little does."""
    samples = [_in_all([one.total for one in side]) for side in (base, current)]
    row_s = min(len(one.stages) for one in (*base, *current))
    if min(samples) == 0:
        return RowEstimate(samples[0], samples[1], None, row_s, "nothing of it in any run")
    if min(_active(side) for side in (base, current)) >= NEEDED_BLOCKS:
        base, current = ([one.sampled() for one in side] for side in (base, current))
        row_s = min(len(one.stages) for one in (*base, *current))
    found = estimate_share(base, current, seed=seed)
    degrees = found.degrees if isinstance(found, Estimate) else NEEDED_BLOCKS - 1
    needed = cases_to_clear(margin, degrees)
    sparse = None
    if min(samples) < needed:
        sparse = f"too few samples: {min(samples):,} of {needed:,} for a margin of {margin:.2%}"
    return RowEstimate(samples[0], samples[1], found, row_s, sparse)


def _active(side: Sequence[ShareBySecond]) -> int:
    """Seconds with a case."""
    return sum(int(np.count_nonzero(one.total)) for one in side)


def _shares(spec: RowSpec, side: SideSeconds, places: Sequence[SeriesPick]) -> list[ShareBySecond]:
    of_no = spec.worse == "lower"
    return [one.share(place, of_no=of_no) for one, place in zip(side.seconds, places, strict=True)]


def _drops(side: SideSeconds) -> list[ShareBySecond]:
    shares = []
    for result, seconds in zip(side.results, side.seconds, strict=True):
        dropped, due = dropped_and_due(result)
        total = seconds.count(due)
        yes = seconds.count(dropped).counts if dropped.series else np.zeros_like(total.counts)
        shares.append(ShareBySecond(yes, total.counts, total.stages))
    return shares


def ratio_of_run(spec: RowSpec, place: SeriesPick, result: Result) -> float | None:
    """One run's share, or count per second, as it is shown; None if there is no case of it."""
    seconds = RunSeconds(result)
    if spec.kind == "throughput":
        counts = seconds.count(place, drained=False).counts
        return float(counts.mean()) if counts.size else None
    if spec.kind == "drops":
        (share,) = _drops(SideSeconds((result,), (seconds,)))
    else:
        share = seconds.share(place, of_no=False)
    total = int(share.total.sum())
    return int(share.yes.sum()) / total if total else None


def _throughput(spec: RowSpec, base: SideSeconds, current: SideSeconds, seed: int) -> RowEstimate:
    left, right = (
        [one.count(place, drained=False) for one, place in zip(side.seconds, places, strict=True)]
        for side, places in ((base, spec.base), (current, spec.current))
    )
    samples = [sum(int(one.counts.sum()) for one in side) for side in (left, right)]
    row_s = min(len(one.stages) for one in (*left, *right))
    if min(samples) == 0 and max(samples) < NEEDED_BLOCKS:
        reason = (
            f"no more than {max(samples)} of it" if any(samples) else "nothing of it in any run"
        )
        return RowEstimate(samples[0], samples[1], None, row_s, reason)
    if spec.worse == "lower":
        found = estimate_rate(left, right, seed=seed)
    else:
        found = _swapped_back(estimate_rate(right, left, seed=seed))
    return RowEstimate(samples[0], samples[1], found, row_s)


def _swapped_back(found: Estimate | TooShort) -> Estimate | TooShort:
    """An estimate of sides that were exchanged, so that more is worse, with its values back."""
    return replace(found, base=found.current, current=found.base)


def _few_samples(samples: Sequence[int], needed: int, spec: RowSpec) -> str | None:
    if min(samples) >= needed:
        return None
    if max(samples) == 0:
        return "nothing of it in any run"
    return f"too few samples: {min(samples):,} of {needed:,} for {spec.aggregation}"


def _few_seconds(sides: Sequence[Sequence[NDArray[np.int64]]], row_s: int) -> str | None:
    """What happens in a few seconds of a run, as signing in does, tells nothing of how it varies.

    A run that is too short altogether is another matter: there, a longer one would decide.
    """
    active = min(sum(int(np.count_nonzero(one)) for one in side) for side in sides)
    if active >= NEEDED_BLOCKS or row_s < NEEDED_BLOCKS:
        return None
    return f"too few seconds with samples: {active} of {NEEDED_BLOCKS}"


def _in_all(runs: Sequence[NDArray[np.int64]]) -> int:
    """Samples of a side; none if one of its runs has none, which is unlike the others then."""
    each = [int(one.sum()) for one in runs]
    return sum(each) if all(each) else 0
