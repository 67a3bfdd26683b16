"""Traces in a line, for people: how many requests were traced, and what came back of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import counted, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.traces.found import FoundTraces


def trace_words(found: FoundTraces | None) -> Iterator[str]:
    """Nothing, where nothing was to be traced."""
    if found is None:
        return
    account = found.account
    beside = [
        f"{number:,} {what}"
        for number, what in (
            (account.late, "late"), (account.foreign, "foreign"), (account.refused, "refused"),
            (account.rootless, "without a root"),
        )
        if number
    ]  # fmt: skip
    aside = f" (and {', '.join(beside)})" if beside else ""
    yield (
        f"tracing: {counted(found.requests, 'request')} traced ({format_ratio(found.share)});"
        f" {account.traces:,} came back, with {counted(account.spans, 'span')}{aside}"
    )
