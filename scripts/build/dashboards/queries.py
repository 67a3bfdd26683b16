"""PromQL of exported metrics: a name or a label that is not in the list is an error.

Knows no dashboard. `$plan`, `$target` and `$run` are a dashboard's variables.

Source: https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from __future__ import annotations

import re
from typing import Final

from wedload.export.names import BY_METRIC, COMMON_LABELS, EXPORTED, PREFIX, Exported

#: what a dashboard shows: some runs of some plans
SHOWN: Final = ('plan=~"$plan"', 'target=~"$target"', 'run=~"$run"')
#: what is a rate over: as many scrapes as Grafana takes for enough
_WINDOW: Final = "[$__rate_interval]"
#: a tag of the shipped plans: of the endpoints that the benchmark table calls critical
_TAGS: Final = ("critical",)


class NotExportedError(ValueError):
    """A dashboard asks for what no run has."""


def exported(metric: str) -> Exported:
    """What a metric of plans and results, or a figure of the run itself, is exported as.

    Raises:
        NotExportedError: it is not.
    """
    found = BY_METRIC.get(metric) or EXPORTED.get(PREFIX + metric)
    if found is None:
        raise NotExportedError(f"{metric} is not exported; wedload/export/names.py has what is")
    return found


def level(metric: str, by: str, *where: str, shown: tuple[str, ...] = SHOWN) -> str:
    """The level of a gauge; of several, as of load processes, the highest."""
    one = _of(metric, "gauge", by)
    return f"max by ({by}) ({_series(one, '', where, shown)})"


def total(metric: str, by: str, *where: str) -> str:
    """What a counter has counted since the load began."""
    return f"sum by ({by}) ({_series(_of(metric, 'counter', by), '', where)})"


def per_second(metric: str, by: str, *where: str) -> str:
    """How fast a counter counts now."""
    one = _of(metric, "counter", by)
    return f"sum by ({by}) (rate({_series(one, '', where)}{_WINDOW}))"


def share(metric: str, by: str, yes: str) -> str:
    """Which part of what a counter counts now matches `yes`; 0 where nothing does."""
    one = _of(metric, "counter", by)
    some, every = (f"rate({_series(one, '', own)}{_WINDOW})" for own in ((yes,), ()))
    return f"(sum by ({by}) ({some}) or 0 * sum by ({by}) ({every})) / sum by ({by}) ({every})"


def share_at_end(metric: str, by: str, yes: str, shown: tuple[str, ...]) -> str:
    """The same of all that a run has counted, when it is over, too."""
    one = _of(metric, "counter", by)
    some, every = (_at_end(one, "", own, shown) for own in ((yes,), ()))
    return f"(sum by ({by}) ({some}) or 0 * sum by ({by}) ({every})) / sum by ({by}) ({every})"


def total_at_end(metric: str, by: str, shown: tuple[str, ...]) -> str:
    """What a counter has counted in all, when the run is over, too."""
    return f"sum by ({by}) ({_at_end(_of(metric, 'counter', by), '', (), shown)})"


def level_at_end(metric: str, by: str, shown: tuple[str, ...]) -> str:
    """The last level of a gauge, when the run is over, too."""
    return f"max by ({by}) ({_at_end(_of(metric, 'gauge', by), '', (), shown)})"


def quantile(q: float, metric: str, by: str, *where: str) -> str:
    """A quantile of what a histogram has taken in now."""
    rates = f"rate({_series(_of(metric, 'histogram', by), '_bucket', where)}{_WINDOW})"
    return _quantile(q, by, rates)


def quantile_at_end(q: float, metric: str, by: str, shown: tuple[str, ...]) -> str:
    """The same of all that a run has seen, when it is over, too."""
    return _quantile(q, by, _at_end(_of(metric, "histogram", by), "_bucket", (), shown))


def mean(metric: str, by: str) -> str:
    """The mean of what a histogram has taken in now."""
    one = _of(metric, "histogram", by)
    sums, counts = (
        f"sum by ({by}) (rate({_series(one, part, ())}{_WINDOW}))" for part in ("_sum", "_count")
    )
    return f"{sums} / {counts}"


def heat(metric: str) -> str:
    """How many samples are in each bucket now."""
    one = _of(metric, "histogram", "")
    return f"sum by (le) (increase({_series(one, '_bucket', ())}{_WINDOW}))"


def values(label: str, *where: str) -> str:
    """Values of a label that all series have, for a variable."""
    if label not in COMMON_LABELS:
        raise NotExportedError(f"{label} is not on every series; {', '.join(COMMON_LABELS)} are")
    return f"label_values({_series(exported('run_info'), '', where, ())}, {label})"


def _of(metric: str, kind: str, by: str) -> Exported:
    one = exported(metric)
    if one.kind != kind:
        raise NotExportedError(f"{one.name} is a {one.kind}, and no {kind}")
    for label in filter(None, by.split(", ")):
        _require_label(one, label)
    return one


def _series(
    one: Exported, part: str, where: tuple[str, ...], shown: tuple[str, ...] = SHOWN
) -> str:
    for matcher in where:
        _require_label(one, re.split("[=!]", matcher, maxsplit=1)[0])
    matchers = ",".join((*shown, *where))
    return f"{one.name}{part}{{{matchers}}}" if matchers else f"{one.name}{part}"


def _at_end(one: Exported, part: str, where: tuple[str, ...], shown: tuple[str, ...]) -> str:
    return f"last_over_time({_series(one, part, where, shown)}[$__range])"


def _quantile(q: float, by: str, buckets: str) -> str:
    return f"histogram_quantile({q}, sum by ({f'{by}, ' if by else ''}le) ({buckets}))"


def _require_label(one: Exported, label: str) -> None:
    if label not in {*COMMON_LABELS, *one.labels, *_TAGS}:
        raise NotExportedError(f"{one.name} has no label {label}; it has {', '.join(one.labels)}")
