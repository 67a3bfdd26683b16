"""Attempts at third parties as tests write them: instants in ms."""

from __future__ import annotations

from typing import Any

from wedload.simulators.attempt import Attempt
from wedload.units import NS_PER_MS


def attempt(arrived: float, ended: float, key: str = "a", **more: Any) -> Attempt:
    """One attempt at the calendar, from `arrived` until `ended`, ms; it fared well."""
    waits = more.pop("retry_after", None)
    fields = {"dependency": "calendar", "endpoint": "events.insert", "outcome": "ok", **more}
    return Attempt(
        operation=key,
        arrived_ns=round(arrived * NS_PER_MS),
        ended_ns=round(ended * NS_PER_MS),
        retry_after_ns=None if waits is None else round(waits * NS_PER_MS),
        **fields,
    )
