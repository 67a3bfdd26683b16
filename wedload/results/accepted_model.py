"""What a plan let pass although it may be somebody's data, as a result file holds it."""

from __future__ import annotations

from pydantic import Field

from wedload.results.part import Count, Part


class AcceptedData(Part):
    """One entry of `[safety.accept]` that something needed."""

    what: str = Field(description="the name of a data file, or a value, masked")
    kind: str = Field(description="`data file`, or what the value is")
    count: Count = Field(description="values that this let pass")
    reason: str
