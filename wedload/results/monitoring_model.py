"""The monitoring in a result file, as types: who got the figures of a run while it went on."""

from __future__ import annotations

from pydantic import Field

from wedload.results.part import Count, Part


class Export(Part):
    """One way by which figures were sent on, and what became of them."""

    name: str = Field(description="its key below [monitoring]")
    to: str = Field(description="where, without what is secret")
    sent: Count = Field(description="pictures of the run that arrived")
    failed: Count = Field(description="pictures that did not, whatever was tried")
    skipped: Count = Field(
        description="pictures that were not tried: a newer one, with all that is in it, took over"
    )
    problem: str | None = Field(default=None, description="the last one; null: there was none")


class MonitoringFacts(Part):
    """What became of the monitoring of a run."""

    exports: list[Export] = Field(default=[], description="of the plan, in its order")
