"""What samples of steps are called: those of HTTP are requests, those of other verbs are not. Pure.

`count` is always the name of the metric that counts the samples of a verb.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.metric_table import STEP_METRICS
from wedload.plan.scenarios import OUTSIDE_LOAD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.metrics.summary import Summary

REQUESTS: Final = "requests"
#: those whose metric is called otherwise
_NOUNS: Final = {"http_reqs": REQUESTS, "ws_exchanges": "exchanges", "sql_queries": "queries"}
#: samples of several verbs together
_MIXED: Final = "steps"


def noun(count: str) -> str:
    """`requests`, `exchanges`, `awaits`, `publishes`."""
    return _NOUNS.get(count, count.replace("_", " "))


def common_noun(counts: Iterable[str]) -> str:
    """Of samples of one verb their own noun, of several `steps`."""
    return together(map(noun, counts))


def together(nouns: Iterable[str]) -> str:
    """What is said of all of these; of none `requests`."""
    found = set(nouns)
    return _MIXED if len(found) > 1 else found.pop() if found else REQUESTS


def per_s(what: str) -> str:
    """How many of these there are each second: `req/s`, `steps/s`."""
    return "req/s" if what == REQUESTS else f"{_MIXED}/s"


def column_of(nouns: Iterable[str]) -> str:
    """The head of a column that counts them: their noun, of several verbs just `count`."""
    what = together(nouns)
    return "count" if what == _MIXED else what


def noun_of_load(summary: Summary) -> str:
    """Of all that the steps under load do."""
    return common_noun(
        STEP_METRICS[one.verb or "http"].count
        for one in summary.catalogue.series
        if one.step is not None and one.check is None and one.scenario not in OUTSIDE_LOAD
    )


def counted_by_verb(summary: Summary) -> list[tuple[int, str]]:
    """How many samples there are of each verb that has any, with their noun."""
    found = [
        (summary.rate(one.failed).total, noun(one.count))
        for one in dict.fromkeys(STEP_METRICS.values())
    ]
    return [one for one in found if one[0]] or [(0, noun_of_load(summary))]
