"""What is said wherever a run is shown whose plan let pass what may be somebody's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import counted

if TYPE_CHECKING:
    from wedload.plan.personal_data.accepting import Accepted
    from wedload.results.accepted_model import AcceptedData


def accepted_words(one: Accepted | AcceptedData) -> str:
    """`accepted: venues.csv (4 values): published by the venues themselves`."""
    what = counted(one.count, "value") if one.kind == "data file" else one.kind
    return f"accepted: {one.what} ({what}): {one.reason}"
