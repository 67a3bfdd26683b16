"""What `wedload check` says of data that may be somebody's. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report.accepted_words import accepted_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.personal_data.checking import DataFindings
    from wedload.report.explain_lines import Line


def data_lines(found: DataFindings) -> Iterator[Line]:
    """What was let pass although it may be somebody's, and what nobody looked into."""
    for one in found.accepted:
        yield accepted_words(one), "yellow"
    if found.unscanned:
        yield f"not looked into for personal data: {', '.join(found.unscanned)}", "dim"
