"""What is said of an explained query, wherever it is shown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import format_ms

if TYPE_CHECKING:
    from wedload.results.databases_model import Explained


def explained_head(one: Explained) -> str:
    """Which query it is: `slowest query of search (catalogue): 412 ms in the load`."""
    return f"slowest query of {one.step} ({one.database}): {format_ms(one.duration_ms)} in the load"


def explained_words(one: Explained) -> str:
    """What its plan says, or why it says nothing."""
    if one.problem is not None:
        return one.problem
    if one.culprit is None:
        return "its plan names nothing that stands out"
    return one.culprit.words
