"""The monitoring in a result file, as types: who got its figures, and was told of it."""

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


class Told(Part):
    """Somebody who was told of the run in words, and what became of it."""

    name: str = Field(description="its key below [monitoring]")
    to: str = Field(description="where, without what is secret")
    sent: Count = Field(description="annotations, alerts or messages that arrived")
    failed: Count = Field(description="attempts that did not")
    problem: str | None = Field(default=None, description="the last one; null: there was none")


class Alerts(Part):
    """The alerts that fired while the run lasted; each name as often as there were such alerts."""

    silenced: list[str] = Field(default=[], description="alerts that the run had silenced")
    heard: list[str] = Field(
        default=[], description="alerts of its environments that fired in the run, not silenced"
    )
    silences: list[str] = Field(default=[], description="ids of the run's silences")
    raised: Count = Field(default=0, description="alerts of its own: rows that burned")


class MonitoringFacts(Part):
    """What became of the monitoring of a run."""

    exports: list[Export] = Field(default=[], description="of the plan, in its order")
    told: list[Told] = Field(default=[], description="annotations, own alerts, notifications")
    alerts: Alerts | None = Field(default=None, description="null: of a plan without Alertmanager")

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say of it."""
        return bool(self.exports or self.told) or self.alerts is not None
