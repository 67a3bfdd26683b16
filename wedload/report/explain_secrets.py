"""Secrets as `wedload check` tells of them: which are there, and what a token says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wedload.plan.secrets.held import Held
    from wedload.report.explain_lines import Line


def secret_lines(held: Iterable[Held]) -> Iterator[Line]:
    """Which there are; nothing of what is in them."""
    there = [one for one in held if one.there]
    if there:
        yield f"secrets that are there: {', '.join(one.name for one in there)}", "dim"
    for one in there:
        if one.facts is not None:
            yield f"{one.name} is a JSON Web Token: {one.facts.in_words()}", "dim"
        if (why := one.too_much) is not None:
            yield f"{one.name} may do more than a load test needs: {why}", "yellow"
