"""The monitoring of a report: who got the run's figures while it lasted. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report.html.markup import Column, Html, table
from wedload.units import WITHHELD, format_count

if TYPE_CHECKING:
    from wedload.results.model import Result


def monitoring(result: Result) -> Html:
    """A table of them."""
    found = result.monitoring
    assert found is not None  # else there is no such section
    return table(
        "Who got the figures of the run while it lasted.",
        [
            Column("export", "name"), Column("to"), Column("sent", "number"),
            Column("failed", "number"), Column("left out", "number"), Column("last problem"),
        ],
        [
            [
                one.name, one.to, format_count(one.sent), format_count(one.failed),
                format_count(one.skipped), one.problem or WITHHELD,
            ]
            for one in found.exports
        ],
        note="Left out: a newer picture, with all that is in it, took its place. What did not "
        "arrive changes nothing of the load and its figures here.",
    )  # fmt: skip
